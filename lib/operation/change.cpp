#include "operation/change.h"

namespace hotplug {

namespace {

constexpr const char* notYet = "libvirt or the guest has not answered yet; it is watched and completed whenever it happens";
constexpr const char* tooLate = "its turn did not come in time; nothing was touched, ask again";

Ask askOf(const JournalEntry& entry)
{
    // What was promised to a caller that is gone has no deadline any more: it waits at the slow pace.
    return {entry.verb, entry.plan.vm, {entry.uid, entry.pid}, Clock::now(), nullptr};
}

} // namespace

Change::Change(Ask ask) : id_(Uuid::random()), ask_(std::move(ask))
{
    state_.id = id_;
    memory.seen.deadline = ask_.deadline;
}

Change::Change(const JournalEntry& entry) : id_(entry.id), ask_(askOf(entry)), begun_(true)
{
    state_.id = id_;
    plan_ = std::make_shared<const Plan>(entry.plan);
    state_.reason = Reason::GuestNotResponding;
    state_.sentence = notYet;
    memory.seen.deadline = ask_.deadline;
    memory.seen.settling = true;
    memory.seen.accepted = entry.plan.goal == Goal::Unplug;
    memory.notedPending = entry.outcome == Outcome::Pending;
}

OperationState Change::await(Clock::time_point deadline)
{
    std::unique_lock lock(mutex_);
    const auto over = [this] { return settled_ || abandoned_ || joined_; };
    if (!changed_.wait_until(lock, deadline, over) && !begun_) {
        // Not begun and never will be: begin() sees it.
        abandoned_ = true;
    }
    if (joined_) {
        const auto other = joined_;
        lock.unlock();
        return other->await(deadline);
    }
    return settled_ ? withPlan() : unfinished();
}

OperationState Change::unfinished() const
{
    auto state = withPlan();
    if (begun_) {
        state.outcome = Outcome::Pending;
        return state;
    }
    state.outcome = Outcome::Refused;
    state.reason = Reason::TooBusy;
    state.sentence = tooLate;
    return state;
}

bool Change::begin(const Plan& plan)
{
    const std::lock_guard lock(mutex_);
    if (abandoned_)
        return false;
    begun_ = true;
    plan_ = std::make_shared<const Plan>(plan);
    state_.reason = Reason::GuestNotResponding;
    state_.sentence = notYet;
    return true;
}

void Change::join(std::shared_ptr<Operation> other)
{
    const std::lock_guard lock(mutex_);
    joined_ = std::move(other);
    changed_.notify_all();
}

void Change::refuse(const Refusal& refusal)
{
    OperationState state;
    state.id = id_;
    state.outcome = Outcome::Refused;
    state.reason = refusal.reason();
    state.sentence = refusal.what();
    state.field = refusal.field();
    state.conflictsWith = refusal.conflictsWith();
    finish(std::move(state), nullptr);
}

void Change::replan(const Plan& plan)
{
    const std::lock_guard lock(mutex_);
    plan_ = std::make_shared<const Plan>(plan);
}

void Change::explain(Reason reason, const std::string& sentence)
{
    const std::lock_guard lock(mutex_);
    state_.reason = reason;
    state_.sentence = sentence;
}

void Change::saw(const std::optional<std::string>& liveXml)
{
    const std::lock_guard lock(mutex_);
    state_.liveXml = liveXml;
}

void Change::settle(Outcome outcome, std::optional<Reason> reason, const std::string& sentence)
{
    auto state = this->state();
    state.outcome = outcome;
    state.reason = reason;
    state.sentence = sentence;
    finish(std::move(state), plan());
}

void Change::finish(OperationState state, std::shared_ptr<const Plan> plan)
{
    const std::lock_guard lock(mutex_);
    state_ = std::move(state);
    plan_ = std::move(plan);
    settled_ = true;
    changed_.notify_all();
}

OperationState Change::state() const
{
    const std::lock_guard lock(mutex_);
    return withPlan();
}

OperationState Change::withPlan() const
{
    auto state = state_;
    if (plan_)
        state.plan = *plan_;
    return state;
}

std::shared_ptr<const Plan> Change::plan() const
{
    const std::lock_guard lock(mutex_);
    return plan_;
}

bool Change::settled() const
{
    const std::lock_guard lock(mutex_);
    return settled_;
}

bool Change::abandoned() const
{
    const std::lock_guard lock(mutex_);
    return abandoned_;
}

void Change::abandon()
{
    const std::lock_guard lock(mutex_);
    abandoned_ = true;
    changed_.notify_all();
}

} // namespace hotplug
