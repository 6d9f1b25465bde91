#include "support/reasons_seen.h"

#include "base/reason.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace hotplug::test {

namespace {

struct Seen {
    unsigned count = 0;
    int code = 0;
    std::string outcome, verb, message;
};

/// What no call of a normal run can be answered with so far.
constexpr Reason outOfReach[] = {
    Reason::NoFreeScsiUnit,             // takes 65,536 disks on one controller
    Reason::NoFreeDriveUnit,            // nothing is placed on SATA or IDE while devices go into running VMs only
    Reason::Internal,                   // a defect
};

std::map<std::string, Seen>& all()
{
    static std::map<std::string, Seen> seen;
    return seen;
}

} // namespace

void noteReason(const std::string& verb, const Json::Value& error)
{
    if (!error["data"].isObject() || !error["data"]["reason"].isString())
        return;
    auto& seen = all()[error["data"]["reason"].asString()];
    if (seen.count++ == 0)
        seen = {1, error["code"].asInt(), error["data"]["outcome"].asString(), verb, error["message"].asString()};
}

std::string reasonsSeen()
{
    std::string table = fmt::format("{:<24}{:>5}{:>6}  {:<10}{:<17}{}\n", "reason", "seen", "code", "outcome",
        "first verb", "first message");
    for (const auto& entry : reasonTable()) {
        const auto& seen = all()[std::string(entry.name)];
        table += seen.count == 0 ? fmt::format("{:<24}{:>5}\n", entry.name, "-")
                                 : fmt::format("{:<24}{:>5}{:>6}  {:<10}{:<17}{}\n", entry.name, seen.count, seen.code,
                                       seen.outcome, seen.verb, seen.message);
    }
    return table;
}

std::vector<std::string> reasonsWanting()
{
    std::vector<std::string> wanting;
    for (const auto& entry : reasonTable()) {
        const bool seen = all()[std::string(entry.name)].count > 0;
        const bool expected = std::ranges::find(outOfReach, entry.reason) == std::end(outOfReach);
        if (expected && !seen)
            wanting.push_back(fmt::format("no real call was answered with {}", entry.name));
        if (!expected && seen)
            wanting.push_back(fmt::format("{} is no longer out of reach: take it off the list", entry.name));
    }
    return wanting;
}

} // namespace hotplug::test
