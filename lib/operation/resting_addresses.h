#pragma once

#include "base/clock.h"
#include "model/outcome.h"

#include <mutex>
#include <unordered_map>
#include <vector>

namespace hotplug {

/// PCI addresses that guests have let go of so lately that they may eject them a second time, with the next device in
/// them: a guest with several unplugs to answer does. Thread-safe.
class RestingAddresses {
public:
    void add(const Intent& unplugged, Clock::time_point now);
    std::vector<Address> of(const Uuid& vm, Clock::time_point now);

private:
    struct Resting {
        Address address;
        Clock::time_point since;
    };

    std::mutex mutex_;
    std::unordered_multimap<Uuid, Resting> resting_;
};

} // namespace hotplug
