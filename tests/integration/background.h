#pragma once

#include "support/hotplugd.h"

#include "hotplugctl/format/json_text.h"

#include <csignal>
#include <future>
#include <string>

namespace hotplug::test {

/// On a connection and a thread of its own, without the checks of Hotplugd::call: others change the host meanwhile.
inline std::future<Json::Value> inBackground(const Hotplugd& daemon, const std::string& verb, const Json::Value& params)
{
    auto request = object({{"jsonrpc", "2.0"}, {"id", 1}, {"method", verb}, {"params", params}});
    return std::async(std::launch::async,
        [&daemon, body = ctl::compactJson(request)] { return daemon.postJson(body); });
}

/// A stopped process, of a QEMU for example, that goes on at the latest when the test ends.
class Stopped {
public:
    explicit Stopped(pid_t pid) : pid_(pid) { ::kill(pid_, SIGSTOP); }
    ~Stopped() { ::kill(pid_, SIGCONT); }
    Stopped(const Stopped&) = delete;
    Stopped& operator=(const Stopped&) = delete;

private:
    pid_t pid_;
};

} // namespace hotplug::test
