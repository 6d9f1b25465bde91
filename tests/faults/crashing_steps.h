#pragma once

#include "faults/crash_point.h"

#include "operation/next.h"

#include <mutex>

namespace hotplug::test {

/// Kills this process at the point that the orders name: as the kernel's out-of-memory killer would, at once and
/// without a word. Thread-safe.
class CrashingSteps {
public:
    explicit CrashingSteps(const std::filesystem::path& stateDir) : orders_(stateDir) {}

    template<typename Call> void around(const std::string& step, Call&& call)
    {
        reach(CrashPoint::Moment::Before, step);
        call();
        reach(CrashPoint::Moment::After, step);
    }

    template<typename Call> void around(Act act, Call&& call) { around(std::string(name(act)), call); }

    const CrashOrders& orders() const { return orders_; }

private:
    void reach(CrashPoint::Moment moment, const std::string& step);

    std::mutex mutex_;
    const CrashOrders orders_;
};

} // namespace hotplug::test
