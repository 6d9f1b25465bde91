#pragma once

#include "hotplugctl/command.h"
#include "hotplugctl/daemon.h"
#include "hotplugctl/errors.h"
#include "hotplugctl/format/style.h"

#include <functional>
#include <iosfwd>
#include <optional>

namespace hotplug::ctl {

/// Calls a verb again and again, each time from where the last answer ended. After the first answer a hotplugd that is
/// gone, or too busy, is waited for: its cursor is good across restarts, so that nothing is missed.
class Follower {
public:
    struct Means {
        Daemon& daemon;
        std::ostream& err;
        const Style& errStyle;
        std::function<void(milliseconds)> sleep;
        std::function<void(const Json::Value& result)> show;
    };

    Follower(Means means, const Follow& follow) : means_(std::move(means)), follow_(follow) {}

    /// Returns when `total` has passed and nothing is left to show, never without one. Throws what the first call throws, later RpcError and
    /// BadReply only.
    void run(Request request, std::optional<milliseconds> total);

private:
    std::optional<Json::Value> callUntil(Clock::time_point end, const Request& request);
    void tellOnce(const ClientError& error);

    Means means_;
    const Follow follow_;
    bool told_ = false;
};

} // namespace hotplug::ctl
