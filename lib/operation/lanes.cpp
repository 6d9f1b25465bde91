#include "operation/lanes.h"

#include "base/log.h"

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <system_error>
#include <unordered_map>

namespace hotplug {

struct Lanes::State {
    std::mutex mutex;
    std::condition_variable idle;
    std::unordered_map<Uuid, std::deque<std::function<void()>>> queues;     ///< An entry is a running thread.
    bool stopping = false;

    static void work(std::shared_ptr<State> state, Uuid vm)
    {
        std::unique_lock lock(state->mutex);
        for (;;) {
            const auto lane = state->queues.find(vm);
            if (lane->second.empty()) {
                state->queues.erase(lane);
                state->idle.notify_all();
                return;
            }
            auto turn = std::move(lane->second.front());
            lane->second.pop_front();
            lock.unlock();
            guarded("lane", turn);
            turn = nullptr;
            lock.lock();
        }
    }
};

Lanes::Lanes(Machinery& machinery) : state_(std::make_shared<State>()), machinery_(machinery) {}

Lanes::~Lanes() = default;

bool Lanes::enqueue(const Uuid& vm, std::function<void()> turn, std::size_t limit)
{
    const std::lock_guard lock(state_->mutex);
    if (state_->stopping)
        return false;
    const auto [lane, isNew] = state_->queues.try_emplace(vm);
    if (lane->second.size() >= limit)
        return false;
    lane->second.push_back(std::move(turn));
    if (!isNew)
        return true;
    try {
        machinery_.start([state = state_, vm] { State::work(state, vm); });
        return true;
    } catch (const std::system_error& error) {
        spdlog::warn("no thread for a VM's lane: {}", error.what());
        state_->queues.erase(lane);
        return false;
    }
}

Lanes::Hold Lanes::hold(const Uuid& vm, Clock::time_point until, std::size_t limit)
{
    const auto hold = std::make_shared<std::promise<void>>();
    auto turn = std::make_shared<std::promise<void>>();
    auto mine = turn->get_future();
    const bool queued = enqueue(vm,
        [turn, givenBack = hold->get_future().share()] {
            turn->set_value();
            givenBack.wait();                   // also when nobody waits for the turn any longer
        },
        limit);
    turn.reset();                               // the lane's alone, which may drop it
    if (!queued || mine.wait_until(until) != std::future_status::ready)
        return nullptr;
    try {
        mine.get();
        return hold;
    } catch (const std::future_error&) {        // dropped
        return nullptr;
    }
}

bool Lanes::stop(milliseconds patience)
{
    std::unique_lock lock(state_->mutex);
    state_->stopping = true;
    for (auto& [vm, queue] : state_->queues)
        queue.clear();
    return state_->idle.wait_for(lock, patience, [this] { return state_->queues.empty(); });
}

} // namespace hotplug
