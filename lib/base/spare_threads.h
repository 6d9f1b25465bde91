#pragma once

#include <functional>
#include <memory>
#include <string>

namespace hotplug {

/// Runs every piece of work on a thread of its own, at once. A thread that has nothing to do any more waits some seconds
/// for more before it ends: work that follows soon need not wait for a new one. Thread-safe.
class SpareThreads {
public:
    /// `name` shows in logs and, cut to 15 characters, as the threads' names.
    explicit SpareThreads(std::string name);
    /// Threads that wait end, those at work go on to its end: what the work needs it must own.
    ~SpareThreads();
    SpareThreads(const SpareThreads&) = delete;
    SpareThreads& operator=(const SpareThreads&) = delete;

    /// Work that throws is logged as INTERNAL and forgotten. Throws std::system_error when no thread is to be had.
    void start(std::function<void()> work);

private:
    struct State;
    std::shared_ptr<State> state_;              ///< Shared with the threads, which may outlive us.
};

} // namespace hotplug
