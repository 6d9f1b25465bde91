#pragma once

#include "base/clock.h"
#include "bench/figures.h"
#include "hypervisor/hypervisor.h"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace hotplug::bench {

/// What happens at the port to libvirt, and when. Thread-safe.
class Meter {
public:
    struct Span {
        std::string call;
        Clock::time_point from, to;
    };

    void clear();
    void note(Span span);
    void noteRemoval(const Alias& alias);

    /// When DEVICE_REMOVED came in; throws when it did not.
    Clock::time_point removalOf(const std::string& alias) const;
    /// How much of the time between the two was not spent inside a call of the port: our own.
    Duration outside(Clock::time_point from, Clock::time_point to) const;
    /// Time in calls of this name since clear().
    Duration inside(const std::string& call) const;

private:
    mutable std::mutex mutex_;
    std::vector<Span> spans_;
    std::map<std::string, Clock::time_point> removals_;
};

/// Passes everything on to the real one, and keeps the times. Both must outlive it.
std::unique_ptr<Hypervisor> metered(Hypervisor& real, Meter& meter);

} // namespace hotplug::bench
