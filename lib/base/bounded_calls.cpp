#include "base/bounded_calls.h"

#include "base/log.h"
#include "base/reason.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>
#include <system_error>

namespace hotplug {

/// One call, owned by its caller and its thread. Under the mutex of State, but for `where`.
struct BoundedCalls::Call {
    explicit Call(Place place) : where(std::move(place)) {}

    const std::string& place()
    {
        if (!known)
            known = where();
        return *known;
    }

    const Place where;
    std::optional<std::string> known;
    bool done = false, overdue = false;
    std::optional<Refusal> refusal;             // a value: an exception object would be shared between the threads
};

/// What the callers share with the threads.
struct BoundedCalls::State {
    State(std::string callsName, Limits callLimits) : name(std::move(callsName)), limits(callLimits) {}

    const std::string name;
    const Limits limits;
    std::mutex mutex;
    std::condition_variable changed;            ///< A call has come back or is overdue, or we stop.
    std::set<std::shared_ptr<Call>> running;
    bool stopping = false;

    struct Crowd {
        std::size_t running = 0, overdue = 0;
    };

    /// Those that hang where this call would, if it did. As many as may run there are never told apart by place.
    Crowd crowdAt(Call& call)
    {
        Crowd crowd;
        if (running.size() < limits.atOnePlace)
            return crowd;
        for (const auto& other : running)
            if (other->place() == call.place()) {
                ++crowd.running;
                crowd.overdue += other->overdue ? 1 : 0;
            }
        return crowd;
    }

    std::size_t overdueInAll() const
    {
        return static_cast<std::size_t>(std::ranges::count_if(running, [](const auto& call) { return call->overdue; }));
    }

    /// False: no room came free, or what fills it is not expected back.
    bool enter(const std::shared_ptr<Call>& call, Clock::time_point until)
    {
        std::unique_lock lock(mutex);
        for (bool late = false;; late = changed.wait_until(lock, until) == std::cv_status::timeout) {
            const auto here = crowdAt(*call);
            if (stopping || here.overdue >= limits.atOnePlace || overdueInAll() >= limits.inAll)
                return false;
            if (here.running < limits.atOnePlace && running.size() < limits.inAll) {
                running.insert(call);
                return true;
            }
            if (late)
                return false;
        }
    }

    void leave(const std::shared_ptr<Call>& call, std::optional<Refusal> refusal)
    {
        const std::lock_guard lock(mutex);
        call->refusal = std::move(refusal);
        call->done = true;
        running.erase(call);
        changed.notify_all();
    }

    /// False: overdue from now on.
    bool await(const std::shared_ptr<Call>& call, Clock::time_point until)
    {
        std::unique_lock lock(mutex);
        changed.wait_until(lock, until, [&] { return call->done || stopping; });
        if (call->done)
            return true;
        call->overdue = true;
        const auto place = call->place();
        const auto hanging = overdueInAll();
        changed.notify_all();
        lock.unlock();
        spdlog::warn("{}: no answer in time from {}; calls that hang: {}", name, place, hanging);
        return false;
    }
};

namespace {

std::optional<Refusal> refusalOf(const std::string& name, const std::function<void()>& work)
{
    try {
        work();
        return std::nullopt;
    } catch (const Refusal& refusal) {
        return refusal;
    } catch (...) {
        logInternalError(name, currentExceptionText());
        return Refusal(Reason::Internal, "this is a defect of hotplugd; its log has the details");
    }
}

} // namespace

BoundedCalls::BoundedCalls(std::string name, Limits limits)
    : state_(std::make_shared<State>(name, limits)), threads_(std::move(name))
{
}

void BoundedCalls::start(std::function<void()> work, std::shared_ptr<Call> call)
{
    auto carryOut = [work = std::move(work), call, state = state_]() mutable {
        auto refusal = refusalOf(state->name, work);
        work = nullptr;                         // whoever waits in stop() may end what it used
        state->leave(call, std::move(refusal));
    };
    try {
        threads_.start(std::move(carryOut));
    } catch (const std::system_error& error) {
        state_->leave(call, std::nullopt);
        throw Refusal(Reason::TooBusy, std::string("no thread is to be had: ") + error.what());
    }
}

BoundedCalls::End BoundedCalls::run(Place place, Clock::time_point until, std::function<void()> work)
{
    const auto call = std::make_shared<Call>(std::move(place));
    if (!state_->enter(call, until))
        return End::NotBegun;
    start(std::move(work), call);
    if (!state_->await(call, until))
        return End::Overdue;
    if (call->refusal)
        throw *std::move(call->refusal);
    return End::InTime;
}

bool BoundedCalls::stop(milliseconds patience)
{
    std::unique_lock lock(state_->mutex);
    state_->stopping = true;
    state_->changed.notify_all();
    return state_->changed.wait_for(lock, patience, [this] { return state_->running.empty(); });
}

} // namespace hotplug
