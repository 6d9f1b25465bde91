#include "operation/change.h"

#include <utility>

namespace hotplug {

namespace {

constexpr const char* notYet = "libvirt or the guest has not answered yet; it is watched and completed whenever it happens";

Ask askOf(const JournalEntry& entry, Clock::time_point now)
{
    // What was promised to a caller that is gone has no deadline any more: it waits at the slow pace.
    return {entry.verb, entry.intent.vm(), {entry.uid, entry.pid}, now, {}, entry.requestId, entry.params, {}};
}

/// What is known of each device when its operation is taken up: what was asked may have been heard.
std::vector<Observed> knownOf(const Intent& intent, Clock::time_point deadline)
{
    Observed seen;
    seen.deadline = deadline;
    seen.settling = true;
    seen.accepted = intent.goal() == Goal::Unplug;
    return std::vector<Observed>(intent.plans.size(), seen);
}

} // namespace

Change::Change(Ask ask, std::shared_ptr<const ChangePermits> permits)
    : id_(Uuid::random()), ask_(std::move(ask)), permits_(std::move(permits))
{
    state_.id = id_;
}

Change::Change(const JournalEntry& entry, Clock::time_point now)
    : id_(entry.id), ask_(askOf(entry, now)), begun_(true)
{
    state_.id = id_;
    intent_ = std::make_shared<const Intent>(entry.intent);
    state_.reason = Reason::GuestNotResponding;
    state_.sentence = notYet;
    recovering_ = true;
    memory.seen = knownOf(entry.intent, ask_.deadline);
    memory.notedPending = entry.outcome == Outcome::Pending;
    cancelled_ = entry.reason == Reason::Cancelled;
}

OperationState Change::await(Clock::time_point deadline)
{
    std::unique_lock lock(mutex_);
    const auto over = [this] { return settled_ || abandoned_ || joined_; };
    if (!changed_.wait_until(lock, deadline, over) && !begun_) {
        // Not begun and never will be: begin() sees it.
        abandoned_ = true;
    }
    changed_.wait(lock, [this] { return !opening_ || settled_; });
    if (joined_) {
        const auto other = joined_;
        lock.unlock();
        return other->await(deadline);
    }
    return settled_ ? withPlans() : unfinished();
}

OperationState Change::watch(Clock::time_point deadline)
{
    std::unique_lock lock(mutex_);
    const bool over = changed_.wait_until(lock, deadline, [this] { return settled_ || abandoned_; });
    auto state = withPlans();
    if (!over || !settled_)
        state.outcome = Outcome::Pending;
    return state;
}

/// What the caller is told: of an operation that has begun, everybody is told so from now on.
OperationState Change::unfinished()
{
    if (begun_) {
        state_.outcome = Outcome::Pending;
        return withPlans();
    }
    auto state = withPlans();
    state.outcome = Outcome::Refused;
    const auto why = permits_->whyBusy(ask_.vm);
    state.reason = why.reason();
    state.sentence = why.what();
    state.conflictsWith = why.conflictsWith();
    return state;
}

bool Change::begin(const Intent& intent)
{
    const std::lock_guard lock(mutex_);
    if (abandoned_)
        return false;
    begun_ = opening_ = true;
    intent_ = std::make_shared<const Intent>(intent);
    state_.reason = Reason::GuestNotResponding;
    state_.sentence = notYet;
    return true;
}

void Change::opened()
{
    const std::lock_guard lock(mutex_);
    opening_ = false;
    changed_.notify_all();
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
    state.capacity = refusal.capacity();
    finish(std::move(state), nullptr);
}

void Change::rewrite(const Intent& intent)
{
    const std::lock_guard lock(mutex_);
    intent_ = std::make_shared<const Intent>(intent);
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

Outcome Change::settle(Outcome outcome, std::optional<Reason> reason, const std::string& sentence,
    const std::string& field)
{
    auto state = this->state();
    state.outcome = outcome;
    state.reason = reason;
    state.sentence = sentence;
    state.field = field;
    return finish(std::move(state), intent());
}

Outcome Change::finish(OperationState state, std::shared_ptr<const Intent> intent)
{
    dropPlanners();
    const std::lock_guard lock(mutex_);
    const auto before = state_.outcome;
    state_ = std::move(state);
    intent_ = std::move(intent);
    settled_ = true;
    changed_.notify_all();
    return before;
}

OperationState Change::state() const
{
    const std::lock_guard lock(mutex_);
    return withPlans();
}

OperationState Change::withPlans() const
{
    auto state = state_;
    if (intent_)
        state.plans = intent_->plans;
    return state;
}

std::shared_ptr<const Intent> Change::intent() const
{
    const std::lock_guard lock(mutex_);
    return intent_;
}

void Change::noteRemoval(const Alias& alias)
{
    const std::lock_guard lock(mutex_);
    removals_.insert(alias);
    news_ = true;
}

void Change::noteAway(Away away)
{
    const std::lock_guard lock(mutex_);
    away_ = away;
    news_ = true;
}

bool Change::newsNoted() const
{
    const std::lock_guard lock(mutex_);
    return news_;
}

void Change::noteNews()
{
    const std::lock_guard lock(mutex_);
    news_ = true;
}

void Change::takeNews()
{
    const std::lock_guard lock(mutex_);
    news_ = false;
}

void Change::cancel()
{
    cancelled_ = true;
    noteNews();
}

std::set<Alias> Change::takeRemovals()
{
    const std::lock_guard lock(mutex_);
    return std::exchange(removals_, {});
}

Away Change::takeAway()
{
    const std::lock_guard lock(mutex_);
    return std::exchange(away_, Away::No);
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

void Change::recover()
{
    const std::lock_guard lock(mutex_);
    recovering_ = begun_ && !settled_;
}

bool Change::refused() const
{
    const std::lock_guard lock(mutex_);
    return settled_ ? state_.outcome == Outcome::Refused : abandoned_ && !begun_;
}

void Change::abandon()
{
    const std::lock_guard lock(mutex_);
    abandoned_ = true;
    changed_.notify_all();
}

} // namespace hotplug
