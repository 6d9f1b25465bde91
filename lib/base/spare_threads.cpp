#include "base/spare_threads.h"

#include "base/log.h"
#include "base/thread_pool.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace hotplug {

struct SpareThreads::State {
    explicit State(std::string threadName) : name(std::move(threadName)) {}

    /// Hands the work to a thread that waits. False: all of them have got some.
    bool handOver(std::function<void()>& work)
    {
        const std::lock_guard lock(mutex);
        if (waiting <= handedOver.size())
            return false;
        handedOver.push_back(std::move(work));
        wake.notify_one();
        return true;
    }

    /// Empty: it has waited long enough.
    std::function<void()> awaitWork()
    {
        constexpr std::chrono::seconds patience{5};
        std::unique_lock lock(mutex);
        ++waiting;
        wake.wait_for(lock, patience, [this] { return closed || !handedOver.empty(); });
        --waiting;
        if (handedOver.empty())
            return nullptr;
        auto work = std::move(handedOver.front());
        handedOver.pop_front();
        return work;
    }

    const std::string name;
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<std::function<void()>> handedOver;
    std::size_t waiting = 0;
    bool closed = false;
};

SpareThreads::SpareThreads(std::string name) : state_(std::make_shared<State>(std::move(name))) {}

SpareThreads::~SpareThreads()
{
    const std::lock_guard lock(state_->mutex);
    state_->closed = true;
    state_->wake.notify_all();
}

void SpareThreads::start(std::function<void()> work)
{
    if (state_->handOver(work))
        return;
    std::thread([state = state_, first = std::move(work)]() mutable {
        nameThisThread(state->name);
        for (auto next = std::move(first); next; next = state->awaitWork()) {
            guarded(state->name.c_str(), next);
            next = nullptr;                     // what it owned is not kept while we wait
        }
    }).detach();
}

} // namespace hotplug
