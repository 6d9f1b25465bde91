#pragma once

#include "base/clock.h"

#include <json/value.h>
#include <string>

namespace hotplug::ctl {

/// hotplugd as a command sees it: a verb goes in, its result comes out.
class Daemon {
public:
    virtual ~Daemon() = default;

    /// Blocks until the answer is there, at most `wait`. Returns the result.
    /// Throws RpcError (it answered no), NoDaemon, NoAnswer or BadReply.
    virtual Json::Value call(const std::string& verb, const Json::Value& params, milliseconds wait) = 0;
};

} // namespace hotplug::ctl
