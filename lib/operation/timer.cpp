#include "operation/timer.h"

#include "base/log.h"
#include "base/thread_pool.h"

namespace hotplug {

Timer::Timer() : thread_([this] { work(); }) {}

Timer::~Timer()
{
    stop();
}

void Timer::stop()
{
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable())
        thread_.join();
}

void Timer::at(Clock::time_point when, std::function<void()> call)
{
    {
        const std::lock_guard lock(mutex_);
        calls_.emplace(when, std::move(call));
    }
    changed_.notify_all();
}

void Timer::work()
{
    nameThisThread("timer");
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        if (calls_.empty()) {
            changed_.wait(lock);
        } else if (const auto due = calls_.begin()->first; Clock::now() < due) {
            changed_.wait_until(lock, due);
        } else {
            const auto call = std::move(calls_.begin()->second);
            calls_.erase(calls_.begin());
            lock.unlock();
            guarded("timer", call);
            lock.lock();
        }
    }
}

} // namespace hotplug
