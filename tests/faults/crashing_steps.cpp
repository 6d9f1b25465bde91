#include "faults/crashing_steps.h"

#include <chrono>
#include <csignal>
#include <thread>
#include <unistd.h>

namespace hotplug::test {

namespace {

void die()
{
    ::kill(::getpid(), SIGKILL);
}

void dieIn(std::chrono::milliseconds delay)
{
    std::thread([delay] {
        std::this_thread::sleep_for(delay);
        die();
    }).detach();
}

} // namespace

void CrashingSteps::reach(CrashPoint::Moment moment, const std::string& step)
{
    const std::lock_guard lock(mutex_);
    const auto point = orders_.point();
    const bool inside = point && point->moment == CrashPoint::Moment::Inside && moment == CrashPoint::Moment::Before;
    if (!point || point->step != step || (point->moment != moment && !inside))
        return;
    if (point->passes > 0)
        return orders_.goBy(*point);
    orders_.obey();
    if (inside)
        dieIn(std::chrono::milliseconds(point->milliseconds));
    else
        die();
}

} // namespace hotplug::test
