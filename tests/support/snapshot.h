#pragma once

#include <map>
#include <string>
#include <vector>

namespace hotplug::test {

/// The state of a host as names and contents.
struct Snapshot {
    std::map<std::string, std::string> facts;
    std::map<std::string, std::string> passing = {};    ///< What may be gone later by itself, as open operations.

    /// In words, what `later` has differently; empty: nothing.
    std::vector<std::string> changesTo(const Snapshot& later) const;
};

} // namespace hotplug::test
