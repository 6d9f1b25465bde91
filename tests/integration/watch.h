#pragma once

#include "support/hotplugd.h"

#include <stdexcept>
#include <string>
#include <vector>

namespace hotplug::test {

/// What happens from here on, or from a cursor on, as an engine follows it (SPEC K9).
class Watch {
public:
    explicit Watch(Hotplugd& daemon) : daemon_(daemon), cursor_(poll("", 0)["cursor"].asString()) {}
    Watch(Hotplugd& daemon, std::string after) : daemon_(daemon), cursor_(std::move(after)) {}

    const std::string& cursor() const { return cursor_; }

    /// All that has happened so far.
    Json::Value all() { return poll(cursor_, 0)["events"]; }

    /// The next event of this kind; throws when it does not come.
    Json::Value next(const std::string& kind)
    {
        for (const auto until = Clock::now() + patience; Clock::now() < until;) {
            const auto page = poll(cursor_, 1000);
            for (const auto& event : page["events"]) {
                cursor_ = event["cursor"].asString();
                if (event["kind"] == kind)
                    return event;
            }
            cursor_ = page["cursor"].asString();
        }
        throw std::runtime_error("there was no event " + kind);
    }

private:
    Json::Value poll(const std::string& after, int timeout)
    {
        auto params = object({{"timeout", timeout}});
        if (!after.empty())
            params["after"] = after;
        return daemon_.must("watchEvents", params);
    }

    Hotplugd& daemon_;
    std::string cursor_;
};

using Kinds = std::vector<std::string>;

/// Of events or of a timeline; what is repeated counts once.
inline Kinds kindsOf(const Json::Value& events)
{
    Kinds kinds;
    for (const auto& event : events)
        if (kinds.empty() || kinds.back() != event["kind"].asString())
            kinds.push_back(event["kind"].asString());
    return kinds;
}

/// How many events are of that kind and name that device; an empty alias stands for the VM itself.
inline int countOf(const Json::Value& events, const std::string& kind, const std::string& alias)
{
    int found = 0;
    for (const auto& event : events)
        found += event["kind"] == kind && event["alias"].asString() == alias;
    return found;
}

/// The operation that a refusal, failure or `pending` names.
inline std::string idOf(const Reply& reply)
{
    return (reply.ok() ? reply.result["operationId"] : reply.error["data"]["operationId"]).asString();
}

inline Json::Value operationAt(Hotplugd& daemon, const std::string& id)
{
    return daemon.must("getOperation", object({{"operationId", id}}));
}

inline Reply cancel(Hotplugd& daemon, const std::string& id)
{
    return daemon.call("cancelOperation", object({{"operationId", id}}));
}

/// Waits until an operation has ended; its outcome.
inline std::string endOf(Hotplugd& daemon, const std::string& id, milliseconds within = patience)
{
    std::string outcome;
    eventually("operation " + id + " ends", [&] {
        outcome = operationAt(daemon, id)["outcome"].asString();
        return outcome != "running" && outcome != "pending";
    }, within);
    return outcome;
}

} // namespace hotplug::test
