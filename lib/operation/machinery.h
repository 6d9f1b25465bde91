#pragma once

#include "base/clock.h"

#include <functional>
#include <memory>

namespace hotplug {

/// What Operations needs of time and threads. Thread-safe.
class Machinery {
public:
    virtual ~Machinery() = default;

    virtual Clock::time_point now() const = 0;
    /// Calls a function at or after a time. The function may only post.
    virtual void at(Clock::time_point when, std::function<void()> call) = 0;
    /// Runs a piece of work on a thread of its own, at once. Throws std::system_error when no thread is to be had.
    virtual void start(std::function<void()> work) = 0;
    /// Drops the calls that are not due and waits for the one that runs; work that was started goes on. May be repeated.
    virtual void stopTimer() = 0;
};

/// The clock on the wall, a timer's thread and threads for work.
std::unique_ptr<Machinery> realMachinery();

} // namespace hotplug
