#pragma once

#include "base/clock.h"

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace hotplug {

/// Calls a function at or after a time, on a thread of its own. The functions may only post. Thread-safe.
class Timer {
public:
    Timer();
    ~Timer();

    /// Drops what is not due and joins; not from a timer's own call. May be repeated.
    void stop();

    void at(Clock::time_point when, std::function<void()> call);

private:
    void work();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::multimap<Clock::time_point, std::function<void()>> calls_;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace hotplug
