#include "supervisor.h"

#include "base/log.h"

#include <csignal>
#include <optional>
#include <systemd/sd-daemon.h>

namespace hotplug {

namespace {

sigset_t endingSignals()
{
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP})
        sigaddset(&set, signal);
    return set;
}

/// Half of what systemd grants, as its manual asks for; empty: no watchdog.
std::optional<std::chrono::microseconds> watchdogInterval()
{
    std::uint64_t granted = 0;
    if (sd_watchdog_enabled(0, &granted) <= 0)
        return std::nullopt;
    return std::chrono::microseconds(granted / 2);
}

timespec asTimespec(std::chrono::microseconds duration)
{
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
    return {static_cast<time_t>(seconds.count()), static_cast<long>((duration - seconds).count() * 1000)};
}

} // namespace

Supervisor::Supervisor()
{
    const auto signals = endingSignals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

std::vector<int> Supervisor::sockets() const
{
    const int count = sd_listen_fds(1);
    std::vector<int> fds;
    for (int i = 0; i < count; ++i)
        fds.push_back(SD_LISTEN_FDS_START + i);
    return fds;
}

void Supervisor::ready()
{
    sd_notify(0, "READY=1");
}

void Supervisor::stopping()
{
    sd_notify(0, "STOPPING=1");
}

void Supervisor::waitForStop(const std::function<bool()>& healthy)
{
    const auto signals = endingSignals();
    const auto interval = watchdogInterval();
    for (;;) {
        const auto pause = interval ? asTimespec(*interval) : timespec{};
        const int signal = interval ? sigtimedwait(&signals, nullptr, &pause) : sigwaitinfo(&signals, nullptr);
        if (signal == SIGTERM || signal == SIGINT) {
            spdlog::info("signal {}: stopping", signal);
            return;
        }
        if (signal == SIGHUP)
            spdlog::info("SIGHUP ignored: the configuration is read at start only");
        if (interval && healthy())
            sd_notify(0, "WATCHDOG=1");
    }
}

} // namespace hotplug
