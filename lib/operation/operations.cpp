#include "operation/operations.h"

#include "base/log.h"
#include "operation/journal_refusal.h"
#include "operation/lanes.h"
#include "operation/open_changes.h"
#include "operation/plan_change.h"
#include "operation/repetition.h"
#include "operation/resting_addresses.h"
#include "operation/turn.h"
#include "operation/vm_watch.h"

#include <atomic>
#include <fmt/format.h>

namespace hotplug {

namespace {

constexpr std::size_t unlimited = static_cast<std::size_t>(-1);

Refusal notCancellable(const std::string& why)
{
    return Refusal(Reason::NotCancellable, why).at("/operationId");
}

Refusal isOver(Outcome outcome)
{
    return notCancellable("it is over: " + std::string(name(outcome)));
}

Refusal queueIsFull(const Refusal& behind)
{
    return Refusal(Reason::TooBusy, fmt::format("too many changes of this VM are waiting: {}", behind.what()))
        .against(behind.conflictsWith());
}

bool isAbout(const Event& event, Change& change)
{
    if (event.kind == Event::Kind::Connected)
        return true;
    if (event.vm != change.ask().vm)
        return false;
    if (event.kind == Event::Kind::RecordsChanged)      // mostly our own writes
        return change.state().reason == Reason::RecordUnreadable;
    if (event.away != Away::No)
        change.noteAway(event.away);
    if (event.kind != Event::Kind::DeviceRemoved)
        return true;
    const auto intent = change.intent();
    if (!intent || !intent->find(event.alias))
        return false;
    change.noteRemoval(event.alias);
    return true;
}

/// A change whose turn runs just now looks once more.
bool concerns(const Event& event, Change& change)
{
    if (!isAbout(event, change))
        return false;
    change.noteNews();
    return true;
}

} // namespace

class Operations::Core : public std::enable_shared_from_this<Core> {
public:
    Core(Hypervisor& hypervisor, Journal& journal, Limits limits, std::unique_ptr<Machinery> machinery)
        : hypervisor_(hypervisor), limits_(limits), machinery_(std::move(machinery)),
          permits_(std::make_shared<ChangePermits>(limits.changesAtOnce)),
          tools_{hypervisor, journal, *permits_, [this] { return machinery_->now(); },
              [this](const Uuid& vm) { return restingAddresses(vm); },
              [this](const Uuid& vm, Goal goal, const Alias& alias) { return open_.find(vm, goal, alias); }},
          watch_(tools_, open_, [this](const Uuid& vm, std::function<void()> turn) {
              return lanes_.enqueue(vm, [self = shared_from_this(), look = std::move(turn)] { look(); }, unlimited);
          })
    {
    }

    void subscribe()
    {
        subscription_ = hypervisor_.subscribe([this](const Event& event) { heard(event); });
    }

    std::shared_ptr<Operation> submit(Ask ask)
    {
        const std::lock_guard oneAtATime(submitting_);
        askJournal([this] { tools_.journal.requireUsable(); });
        if (auto known = findRequest(ask, open_, tools_.journal))
            return known;
        if (open_.isRecovering(ask.vm))
            throw Refusal(Reason::Recovering,
                "what a restart left open for this VM is being settled; ask again in a moment").at("/vmId");
        if (auto same = joinUnplug(ask, open_, tools_.journal))
            return same;
        const auto change = std::make_shared<Change>(std::move(ask), permits_);
        open_.keep(change);
        if (!queueTurn(change, limits_.queuedPerVm)) {
            open_.forget(change);
            throw queueIsFull(permits_->whyBusy(change->ask().vm));
        }
        return change;
    }

    std::vector<Plan> plan(const Ask& ask, const Domain& domain)
    {
        return planChange(ask, tools_, domain);
    }

    OperationState cancel(const Uuid& id, Clock::time_point deadline)
    {
        const auto change = open_.find(id);
        const auto intent = change ? change->intent() : nullptr;
        if (!intent)
            throw whyNoCancel(id);
        if (change->settled())
            throw isOver(change->state().outcome);
        if (intent->goal() == Goal::Plug || intent->givenUp)
            throw notCancellable("only an unplug that is under way can be cancelled");
        if (!keepCancel(id))
            return change->watch(deadline);     // the guest was faster, and that is about to be said
        change->cancel();
        for (const auto& [sleeper, ticket] : open_.sleepers([&](const Change& one) { return &one == change.get(); }))
            wake(sleeper, ticket);
        return change->watch(deadline);
    }

    std::optional<OperationState> find(const Uuid& id) const
    {
        const auto change = open_.find(id);
        return change ? std::optional(change->state()) : std::nullopt;
    }

    Admission admit(const ChangePermits::Holder& holder, Clock::time_point until)
    {
        const auto turn = holder.vm ? lanes_.hold(*holder.vm, until, limits_.queuedPerVm) : nullptr;
        if (holder.vm && !turn)
            throw whyBusy(holder.vm);
        const auto permit = permits_->take(holder, until);
        if (!permit)
            throw whyBusy(std::nullopt);
        return std::make_shared<std::pair<Lanes::Hold, ChangePermits::Permit>>(turn, permit);      // the permit goes back first
    }

    Refusal whyBusy(const std::optional<Uuid>& vm) const { return permits_->whyBusy(vm); }

    std::vector<OpenOperation> open(const Uuid& vm) const
    {
        return open_.devices(vm);
    }

    std::vector<OpenOperation> openPlugs() const { return open_.plugs(); }

    void recover()
    {
        for (const auto& entry : tools_.journal.unsettled()) {
            spdlog::info("operation {} {} {} was left open; settling it", entry.id.str(), entry.verb,
                entry.intent.plans.front().alias.str());
            const auto change = std::make_shared<Change>(entry, machinery_->now());
            open_.keep(change);
            wake(change, open_.putToSleep(change));
        }
        takenUp_ = true;
        watch_.lookAtAll();
    }

    bool stop(milliseconds patience)
    {
        permits_->stop();
        const bool idle = lanes_.stop(patience);
        subscription_.reset();
        machinery_->stopTimer();
        for (const auto& change : open_.all())
            change->abandon();
        return idle;
    }

private:
    using Ticket = OpenChanges::Ticket;

    /// Before it is promised: a restart takes the operation up as cancelled. False: it has ended.
    bool keepCancel(const Uuid& id)
    {
        try {
            tools_.journal.settle(id, Outcome::Pending, Reason::Cancelled, "it is cancelled as soon as its VM's turn is free");
            return true;
        } catch (const JournalError& error) {
            if (const auto entry = askJournal([&] { return tools_.journal.find(id); }); entry && entry->settled)
                return false;
            spdlog::error("journal: {}", error.what());
            throw Refusal(Reason::JournalUnwritable, "the journal cannot be written, so nothing was cancelled");
        }
    }

    Refusal whyNoCancel(const Uuid& id) const
    {
        const auto entry = askJournal([&] { return tools_.journal.find(id); });
        if (!entry)
            return Refusal(Reason::OperationNotFound, "no operation has this id; list them to see which there are")
                .at("/operationId");
        return isOver(entry->outcome);
    }

    bool queueTurn(const ChangePtr& change, std::size_t limit)
    {
        return lanes_.enqueue(change->ask().vm, [self = shared_from_this(), change] { self->turn(change); }, limit);
    }

    void turn(const ChangePtr& change)
    {
        if (const auto lookAgain = takeTurn(*change, tools_))
            park(change, *lookAgain);
        else
            end(change);
    }

    void end(const ChangePtr& change)
    {
        if (const auto intent = change->intent(); intent && intent->goal() == Goal::Unplug)
            resting_.add(*intent, machinery_->now());
        open_.forget(change);
        if (change->newsNoted() && change->state().outcome == Outcome::Cancelled)
            watch_.lookAt(change->ask().vm);    // it may have left behind the last look
    }

    std::vector<Address> restingAddresses(const Uuid& vm)
    {
        auto found = resting_.of(vm, machinery_->now());
        const auto leaving = open_.leavingAddresses(vm);
        found.insert(found.end(), leaving.begin(), leaving.end());
        return found;
    }

    void park(const ChangePtr& change, Clock::time_point until)
    {
        const auto ticket = arm(change, until);
        if (change->newsNoted())                // it came while the turn ran
            wake(change, ticket);
    }

    Ticket arm(const ChangePtr& change, Clock::time_point until)
    {
        const auto ticket = open_.putToSleep(change);
        machinery_->at(until, [self = weak_from_this(), change, ticket] {
            if (const auto core = self.lock())
                core->wake(change, ticket);
        });
        return ticket;
    }

    /// Queues the next turn unless somebody else did already.
    void wake(const ChangePtr& change, Ticket ticket)
    {
        if (open_.wake(change, ticket) && !queueTurn(change, unlimited))
            arm(change, machinery_->now() + retryPause);     // no thread to be had; or we stop, and so does the timer
    }

    /// Event thread: posts only.
    void heard(const Event& event)
    {
        if (event.kind == Event::Kind::Connected)
            recoverAll();
        if (!takenUp_)                          // all is looked at then; until then our own changes would be drift
            return;
        watch_.heard(event);
        if (event.kind == Event::Kind::Disconnected || event.kind == Event::Kind::DeviceAdded)
            return;
        for (const auto& [change, ticket] : open_.sleepers([&](Change& one) { return concerns(event, one); }))
            wake(change, ticket);
    }

    /// SPEC K4: all that is open is looked at before anything new is begun.
    void recoverAll()
    {
        for (const auto& change : open_.all())
            change->recover();
    }

    Hypervisor& hypervisor_;
    const Limits limits_;
    const std::unique_ptr<Machinery> machinery_;
    const std::shared_ptr<ChangePermits> permits_;
    TurnTools tools_;
    OpenChanges open_;
    VmWatch watch_;
    RestingAddresses resting_;
    std::atomic<bool> takenUp_ = false;         // what a former process has left open
    std::mutex submitting_;                     // two asks with one request id must not both find it unknown
    Lanes lanes_{*machinery_};
    std::unique_ptr<Hypervisor::Subscription> subscription_;
};

Operations::Operations(Hypervisor& hypervisor, Journal& journal) : Operations(hypervisor, journal, Limits{}) {}

Operations::Operations(Hypervisor& hypervisor, Journal& journal, Limits limits, std::unique_ptr<Machinery> machinery)
    : core_(std::make_shared<Core>(hypervisor, journal, limits, std::move(machinery)))
{
    core_->subscribe();
}

Operations::~Operations()
{
    constexpr std::chrono::hours forever{24 * 365};
    core_->stop(forever);
}

std::shared_ptr<Operation> Operations::submit(Ask ask)
{
    return core_->submit(std::move(ask));
}

std::vector<Plan> Operations::plan(const Ask& ask, const Domain& domain)
{
    return core_->plan(ask, domain);
}

OperationState Operations::cancel(const Uuid& id, Clock::time_point deadline)
{
    return core_->cancel(id, deadline);
}

std::optional<OperationState> Operations::find(const Uuid& id) const
{
    return core_->find(id);
}

Operations::Admission Operations::admit(const ChangePermits::Holder& holder, Clock::time_point until)
{
    return core_->admit(holder, until);
}

Refusal Operations::whyBusy(const std::optional<Uuid>& vm) const
{
    return core_->whyBusy(vm);
}

std::vector<OpenOperation> Operations::open(const Uuid& vm) const
{
    return core_->open(vm);
}

std::vector<OpenOperation> Operations::openPlugs() const
{
    return core_->openPlugs();
}

void Operations::recover()
{
    core_->recover();
}

bool Operations::stop(milliseconds patience)
{
    return core_->stop(patience);
}

} // namespace hotplug
