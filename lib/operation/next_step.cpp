#include "operation/next.h"

#include <algorithm>
#include <numeric>

namespace hotplug {

namespace {

bool isSettled(const Next& next, Outcome outcome)
{
    return next.act == Act::Settle && next.outcome == outcome;
}

bool leftSomething(const Observed& seen)
{
    return seen.sight && (seen.sight->live || seen.sight->config || seen.sight->recorded);
}

/// What libvirt may have left of the other devices in QEMU is cleared away before the list has failed.
Step clearOthers(const Intent& intent, const std::vector<Observed>& seen, Step failed)
{
    for (auto i = failed.entry + 1; i < seen.size(); ++i) {
        const bool mayHaveBegun = seen[i].settling || seen[i].attempted;
        if (!mayHaveBegun || (seen[i].sight && seen[i].sight->live))
            continue;
        Step step{i, next(intent.plans[i], seen[i])};
        if (step.next.act != Act::Settle && step.next.act != Act::Replan)
            return step;
    }
    return endOfPlug(seen, std::move(failed));
}

Step stepOfPlug(const Intent& intent, const std::vector<Observed>& seen)
{
    for (std::size_t i = 0; i < seen.size(); ++i) {
        Step step{i, next(intent.plans[i], seen[i])};
        if (isSettled(step.next, Outcome::Failed))
            return clearOthers(intent, seen, std::move(step));
        if (!isSettled(step.next, Outcome::Done) || i + 1 == seen.size())
            return step;
    }
    return {};
}

/// Several wait: looked at again when the first of them wants it, explained by one that has a reason.
class Waiting {
public:
    void add(Step step)
    {
        if (!first_) {
            first_ = std::move(step);
            return;
        }
        const auto soonest = std::min(first_->next.notBefore, step.next.notBefore);
        if (!first_->next.reason && step.next.reason)
            first_ = std::move(step);
        first_->next.notBefore = soonest;
    }

    const std::optional<Step>& first() const { return first_; }

private:
    std::optional<Step> first_;
};

/// With one device asked to leave, the others are insisted on too: the operation cannot end as failed any more.
Observed amongOthers(const std::vector<Observed>& seen, std::size_t entry)
{
    auto own = seen[entry];
    for (std::size_t i = 0; i < seen.size(); ++i)
        own.accepted = own.accepted || (i != entry && seen[i].asked);
    return own;
}

/// Every device has gone.
Next endOfUnplug(const Intent& intent)
{
    Next end;
    end.act = Act::Settle;
    end.outcome = Outcome::Done;
    if (intent.givenUp) {
        end.outcome = Outcome::Failed;
        end.reason = intent.givenUp->reason;
        end.sentence = intent.givenUp->sentence;
    }
    return end;
}

/// Nothing is taken from the definition before the guest has been asked for all: that may fail, and then nothing is done.
std::vector<std::size_t> liveFirst(const std::vector<Observed>& seen)
{
    std::vector<std::size_t> order(seen.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_partition(order.begin(), order.end(), [&seen](std::size_t i) { return seen[i].sight && seen[i].sight->live; });
    return order;
}

Step stepOfUnplug(const Intent& intent, const std::vector<Observed>& seen)
{
    Waiting waiting;
    std::optional<Step> cancelled;
    for (const auto i : liveFirst(seen)) {
        Step step{i, next(intent.plans[i], seen.size() == 1 ? seen[i] : amongOthers(seen, i))};
        if (step.next.act == Act::Wait)
            waiting.add(std::move(step));
        else if (isSettled(step.next, Outcome::Cancelled))
            cancelled = std::move(step);        // once what has gone already is cleared away
        else if (!isSettled(step.next, Outcome::Done))
            return step;
    }
    if (waiting.first())
        return *waiting.first();
    return cancelled ? *cancelled : Step{0, endOfUnplug(intent)};
}

Plan unplugOf(Plan plug)
{
    plug.goal = Goal::Unplug;
    plug.deviceXml.clear();
    return plug;
}

} // namespace

Step nextStep(const Intent& intent, const std::vector<Observed>& seen)
{
    return intent.goal() == Goal::Plug ? stepOfPlug(intent, seen) : stepOfUnplug(intent, seen);
}

Step endOfPlug(const std::vector<Observed>& seen, Step failed)
{
    for (std::size_t i = 0; i < seen.size(); ++i)
        if (i != failed.entry && leftSomething(seen[i]))
            failed.next.act = Act::GiveUp;
    return failed;
}

Intent takenBack(const Intent& intent, const std::vector<Observed>& seen, const GivenUp& why)
{
    Intent undo{{}, why};
    for (std::size_t i = 0; i < seen.size(); ++i)
        if (leftSomething(seen[i]))
            undo.plans.push_back(unplugOf(intent.plans[i]));
    return undo;
}

std::string fieldOf(const Intent& intent, std::size_t entry)
{
    return intent.plans.size() == 1 ? std::string() : "/" + std::to_string(entry);
}

} // namespace hotplug
