#pragma once

#include "base/clock.h"
#include "server/endpoint.h"

#include <functional>
#include <json/value.h>
#include <string>

namespace hotplug::wire {

/// What a method knows of its caller.
struct CallInfo {
    server::Peer peer;
    Clock::time_point arrival;          ///< Deadlines count from here (SPEC R3).
    bool awaited = true;                ///< Its caller waits for this answer alone: no notification, not in a batch.
};

/// One method as clients name it.
struct Method {
    std::string name;                   ///< `hotplugDisk`, `VM.hotplugDisk`
    bool changing = false;              ///< May block for as long as its caller waits.
    /// Params as sent (null when absent) in, result out; thread-safe. Throws RpcError, InvalidParams or Refusal;
    /// anything else is a defect and answered as INTERNAL.
    std::function<Json::Value(const Json::Value& params, const CallInfo& info)> call;
    bool waiting = false;               ///< Changes nothing, and may block as long when its caller awaits it.
    bool reading = false;               ///< Asks libvirt or the disk, which may not answer for as long as reads may take.
};

} // namespace hotplug::wire
