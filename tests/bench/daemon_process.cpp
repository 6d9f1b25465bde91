#include "bench/daemon_process.h"

#include "support/leak_check.h"
#include "support/notify_socket.h"

#include <csignal>
#include <fmt/format.h>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <sys/inotify.h>
#include <unistd.h>

namespace hotplug::bench {

namespace {

std::vector<std::string> commandLine(const test::TestHost& host)
{
    const auto config = host.path() / "hotplugd.toml";          // the machine's own configuration is not asked
    std::ofstream(config).close();
    return {HOTPLUGD_BINARY, "--config", config, "--connect", host.uri(), "--listen", "unix:" + host.socket().string(),
        "--state-dir", host.stateDir(), "--image-root", host.imageRoot()};
}

std::size_t countOf(const std::string& text, const std::string& words)
{
    std::size_t count = 0;
    for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1))
        ++count;
    return count;
}

/// The number in a line like `RssAnon:     7364 kB`.
double statusOf(pid_t pid, const std::string& key)
{
    std::istringstream status(test::readFile(fmt::format("/proc/{}/status", pid)));
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(key + ":"))
            return std::stod(line.substr(key.size() + 1));
    throw std::runtime_error("no " + key + ": hotplugd has ended");
}

} // namespace

DaemonProcess::DaemonProcess(const test::TestHost& host) : log_(host.path() / "daemon.log")
{
    const auto notifyPath = host.path() / "notify";
    test::NotifySocket notify(notifyPath);
    const auto arguments = commandLine(host);
    began_ = Clock::now();
    process_ = std::make_unique<test::Process>(arguments,
        test::Process::Options{.out = log_, .err = log_, .environment = {{"NOTIFY_SOCKET", notifyPath}}});
    if (!notify.waitFor("READY=1", process_->pidFd()))
        throw std::runtime_error("hotplugd has not become ready: " + test::readFile(log_));
    timeToReady_ = Clock::now() - began_;
}

DaemonProcess::~DaemonProcess()
{
    process_->signal(SIGTERM);
    if (process_->wait() != 0)
        test::failFromDestructor("hotplugd has not ended well: " + test::readFile(log_));
}

Duration DaemonProcess::timeToSettle(unsigned operations) const
{
    const test::Fd changes(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    ::inotify_add_watch(changes.get(), log_.c_str(), IN_MODIFY);
    const auto deadline = Clock::now() + test::patience;
    while (countOf(test::readFile(log_), " at last") < operations) {
        if (!test::readable({changes.get()}, deadline))
            throw std::runtime_error("hotplugd does not settle: " + test::readFile(log_));
        char events[4096];
        while (::read(changes.get(), events, sizeof(events)) > 0) {
        }
    }
    return Clock::now() - began_;
}

double DaemonProcess::rssAnonMiB() const
{
    return statusOf(process_->pid(), "RssAnon") / 1024;
}

} // namespace hotplug::bench
