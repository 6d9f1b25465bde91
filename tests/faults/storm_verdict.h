#pragma once

#include "faults/storm_journal.h"
#include "faults/storm_ledger.h"
#include "faults/storm_views.h"

namespace hotplug::test {

/// What a hotplugd holds on to.
struct Footprint {
    unsigned threads = 0, descriptors = 0, anonymousKiB = 0;

    explicit Footprint(pid_t process);
    /// It may keep a thread that waits for the next call, and memory that an allocator has not given back.
    bool isNoMoreThan(const Footprint& before) const;
    std::string text() const;
};

/// Waits until every operation has ended and the daemon idles as it did before the storm.
void awaitEndOfAll(StormGround& ground);

/// How many devices, for the table: StormViews says which.
unsigned forgottenByLibvirt(StormGround& ground);

/// Once nothing is under way: in words, all that does not agree. Waits for views that only need to catch up.
std::vector<std::string> disagreementsOf(StormGround& ground, const StormLedger& ledger);

} // namespace hotplug::test
