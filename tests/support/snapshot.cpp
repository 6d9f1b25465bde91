#include "support/snapshot.h"

#include <algorithm>

namespace hotplug::test {

namespace {

/// The surroundings of the first difference; whole domain documents help nobody.
std::string excerpt(const std::string& text, std::size_t at)
{
    const auto start = at > 80 ? at - 80 : 0;
    return "…" + text.substr(start, 240) + "…";
}

std::string difference(const std::string& before, const std::string& after)
{
    const auto differs = std::mismatch(before.begin(), before.end(), after.begin(), after.end());
    const auto at = static_cast<std::size_t>(differs.first - before.begin());
    return "was " + excerpt(before, at) + "\n    is " + excerpt(after, at);
}

using Facts = std::map<std::string, std::string>;

void addGone(const Facts& before, const Facts& after, std::vector<std::string>& changes)
{
    for (const auto& [name, content] : before)
        if (!after.contains(name))
            changes.push_back(name + " is gone");
}

void addChangedAndNew(const Facts& before, const Facts& after, std::vector<std::string>& changes)
{
    for (const auto& [name, content] : after) {
        const auto old = before.find(name);
        if (old == before.end())
            changes.push_back(name + " is new: " + content.substr(0, 240));
        else if (old->second != content)
            changes.push_back(name + " has changed: " + difference(old->second, content));
    }
}

} // namespace

std::vector<std::string> Snapshot::changesTo(const Snapshot& later) const
{
    std::vector<std::string> changes;
    addGone(facts, later.facts, changes);
    addChangedAndNew(facts, later.facts, changes);
    addChangedAndNew(passing, later.passing, changes);
    return changes;
}

} // namespace hotplug::test
