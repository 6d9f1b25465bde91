#pragma once

#include "base/clock.h"
#include "base/spare_threads.h"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace hotplug {

/// A fixed number of threads that run short tasks in arrival order, with a bounded queue.
/// Thread-safe. Tasks must not throw; one that does is logged as INTERNAL and forgotten.
class ThreadPool {
public:
    /// `name` shows in logs and, cut to 15 characters, as the threads' names. Throws std::system_error.
    ThreadPool(std::string name, std::size_t threads, std::size_t maxQueued);
    /// Runs what is queued, then joins.
    ~ThreadPool();

    /// Never blocks; false when the queue is full or the pool drained (the task was not taken).
    [[nodiscard]] bool post(std::function<void()> task);

    /// Takes no more, for good, and runs what is queued. False: something is still running or queued when patience ends;
    /// the destructor would wait for it.
    [[nodiscard]] bool drain(milliseconds patience);

private:
    void work();
    void stop();

    const std::string name_;
    const std::size_t maxQueued_;
    std::mutex mutex_;
    std::condition_variable wake_, idle_;
    std::deque<std::function<void()>> tasks_;
    std::size_t running_ = 0;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

/// One thread per running task, none when idle for long, at most `max`: for tasks that mostly wait.
/// Thread-safe. Built for calls that await an Operation's outcome, or libvirt's answer.
class PatientThreads {
public:
    PatientThreads(std::string name, std::size_t max);
    /// Waits for the running tasks; their owner must have woken them.
    ~PatientThreads();

    /// Never blocks; false when `max` tasks are running, the system has no thread left or drain() was called (the task
    /// was not taken).
    [[nodiscard]] bool run(std::function<void()> task);

    /// Takes no more, for good. False: something is still running when patience ends; the destructor would wait for it.
    [[nodiscard]] bool drain(milliseconds patience);

private:
    void finished();

    const std::string name_;
    const std::size_t max_;
    std::mutex mutex_;
    std::condition_variable idle_;
    std::size_t running_ = 0;
    bool stopping_ = false;
    SpareThreads threads_;
};

/// Names the calling thread for debuggers and `top -H`.
void nameThisThread(const std::string& name);

} // namespace hotplug
