#include "operation/turn.h"

#include "base/log.h"
#include "operation/act.h"
#include "operation/libvirt_refusal.h"
#include "operation/plan_change.h"
#include "operation/sighting.h"
#include "operation/turn_journal.h"

#include <fmt/format.h>

namespace hotplug {

namespace {

using TurnEnd = std::optional<Clock::time_point>;
constexpr TurnEnd settled = std::nullopt;

Step failed(std::size_t entry, Reason reason, const std::string& sentence)
{
    Next next;
    next.act = Act::Settle;
    next.outcome = Outcome::Failed;
    next.reason = reason;
    next.sentence = sentence;
    return {entry, next};
}

/// Also a VM that is down, or gone: an unplug completes with it.
bool saysGone(Reason reason)
{
    return reason == Reason::NotPlugged || reason == Reason::DeviceNotFound || reason == Reason::VmNotUp
        || reason == Reason::VmNotFound;
}

class Turn {
public:
    Turn(Change& change, TurnTools& tools)
        : change_(change), tools_(tools), memory_(change.memory), sighting_(change, tools),
          journal_(change, tools.journal) {}

    TurnEnd take()
    {
        sighting_.begin();
        if (memory_.unwritten)
            return journal_.isSuperseded() || journal_.settle(*memory_.unwritten) ? settled : tools_.now() + retryPause;
        if (!change_.intent() && !decide())
            return settled;
        for (;;) {
            sighting_.observe();
            auto step = nextStep(*change_.intent(), memory_.seen);
            if (step.next.act == Act::Replan) {
                const auto failure = replan(step.entry);
                if (!failure)
                    continue;
                step = endOfPlug(memory_.seen, *failure);
            }
            if (step.next.act == Act::Settle)
                return settle(step);
            if (step.next.act == Act::Wait)
                return wait(step.next);
            if (step.next.act == Act::GiveUp) {
                if (!giveUp(step))
                    return waitForJournal();
                continue;
            }
            if (!takePermit(Clock::now() + retryPause))
                return tools_.now() + retryPause;
            act(step);
        }
    }

private:
    /// Plans and writes the intent down. False: it ended here, and nothing was touched.
    bool decide()
    {
        try {
            if (change_.abandoned())
                throw tooLate();
            const auto intent = plan();
            if (!intent)
                return false;
            requireNoJob();
            if (!change_.begin(*intent))
                throw tooLate();
            sighting_.forgetAll(*intent);
            for (std::size_t i = 0; i < memory_.seen.size(); ++i)
                memory_.seen[i].askedBefore = journal_.wasAskedBefore(intent->plans[i]);
            journal_.open(*intent);
            change_.opened();
            return true;
        } catch (const Refusal& refusal) {
            return refuseUnlessRepeated(refusal);
        } catch (const HypervisorError& error) {
            return refuseUnlessRepeated(asRefusal(error));
        } catch (const XmlError& error) {
            return refuse(Refusal(Reason::LibvirtError, error.what()));
        } catch (const JournalError& error) {
            spdlog::error("journal: {}", error.what());
            return refuse(Refusal(Reason::JournalUnwritable, fmt::format(
                "nothing was changed, because {}; see to hotplugd's state directory", error.what())));
        }
    }

    /// With the permit in hand, as what was seen before a long wait for it may be true no more. Empty: it has joined.
    std::optional<Intent> plan()
    {
        for (;;) {
            sighting_.readDomain();
            Intent intent{planChange(change_.ask(), tools_, sighting_.domain()), std::nullopt};
            if (const auto other = operationToJoin(tools_, intent.plans)) {
                join(other, other->id());
                return std::nullopt;
            }
            if (takePermit(Clock::now()))
                return intent;
            if (!takePermit(change_.ask().deadline))
                throw tooLate();
        }
    }

    Refusal tooLate() const { return tools_.permits.whyBusy(change_.ask().vm); }

    void requireNoJob()
    {
        if (sighting_.jobRuns())
            throw Refusal(Reason::Migrating, fmt::format("a migration, save or dump of VM {} runs; ask again when it is over",
                sighting_.domain().any().name));
    }

    /// SPEC K3: the answer to the first call was `pending`, and the caller could not know how it went on.
    bool refuseUnlessRepeated(const Refusal& refusal)
    {
        const auto repeated = saysGone(refusal.reason()) ? journal_.findRepeated() : nullptr;
        if (!repeated)
            return refuse(refusal);
        try {
            join(repeated, repeated->await(Clock::now()).id);
            return false;
        } catch (const Refusal& unwritable) {
            return refuse(unwritable);
        }
    }

    void join(const std::shared_ptr<Operation>& other, const Uuid& id)
    {
        journal_.join(id);
        change_.join(other);
    }

    bool refuse(const Refusal& refusal)
    {
        change_.refuse(refusal);
        return false;
    }

    /// One for the whole turn; waited for before the point of no return, so that no answer is needed from libvirt.
    bool takePermit(Clock::time_point until)
    {
        if (!permit_)
            permit_ = tools_.permits.take({change_.ask().verb, change_.ask().vm, change_.id()}, until);
        return permit_ != nullptr;
    }

    void act(const Step& step)
    {
        const auto act = step.next.act;
        try {
            if (sighting_.jobRuns())
                return;
            auto& seen = memory_.seen[step.entry];
            if (act == Act::DetachLive || act == Act::UnplugFromQemu)
                seen.asked = tools_.now();
            perform(tools_.hypervisor, act, change_.intent()->plans[step.entry], sighting_.domain(), seen);
            if (act == Act::DetachLive || act == Act::UnplugFromQemu)
                noteRequested(step.entry);
            sighting_.succeeded(act, step.entry);
        } catch (const HypervisorError& error) {
            spdlog::info("operation {}: {}: {}", change_.id().str(), name(act), error.what());
            if (error.kind() == ErrorKind::GuestBusy)
                noteBusy(step.entry, error.what());
            sighting_.failed(act, step.entry, error.kind(), error.what());
        }
    }

    /// Watchers hear of the first time only; it is repeated for as long as the guest keeps the device.
    void noteRequested(std::size_t entry)
    {
        if (memory_.seen[entry].asks == 0)
            journal_.note(EventKind::Requested, entry, {});
    }

    /// Once for as long as it stays busy.
    void noteBusy(std::size_t entry, const std::string& text)
    {
        const auto& failure = memory_.seen[entry].failure;
        if (!failure || failure->kind != ErrorKind::GuestBusy)
            journal_.note(EventKind::Busy, entry, text);
    }

    /// How it ended when there is no other address; nothing is left of this entry then.
    std::optional<Step> replan(std::size_t entry)
    {
        auto intent = *change_.intent();
        auto& seen = memory_.seen[entry];
        memory_.refusedAddresses.push_back(*intent.plans[entry].address);
        try {
            intent.plans[entry] = planAgain(change_, tools_, sighting_.domain(), entry);
            journal_.rewrite(intent);
            change_.rewrite(intent);
        } catch (const Refusal& refusal) {
            return failed(entry, refusal.reason(), refusal.what());
        } catch (const JournalError& error) {
            return failed(entry, Reason::JournalUnwritable, error.what());
        }
        seen.attachFailure.reset();
        seen.failure.reset();
        seen.attempted = false;
        return std::nullopt;
    }

    /// What was plugged is taken back from here on. False: the journal does not know yet, and nothing is begun before.
    bool giveUp(const Step& step)
    {
        const auto intent = change_.intent();
        const auto undo = takenBack(*intent, memory_.seen,
            {step.next.reason.value_or(Reason::LibvirtError), step.next.sentence, fieldOf(*intent, step.entry)});
        try {
            journal_.rewrite(undo);
        } catch (const JournalError& error) {
            spdlog::error("journal: operation {} is to be taken back: {}", change_.id().str(), error.what());
            return false;
        }
        change_.rewrite(undo);
        change_.dropPlanners();
        sighting_.forgetAll(undo);
        for (auto& seen : memory_.seen)
            seen.accepted = true;
        memory_.domain.reset();
        return true;
    }

    TurnEnd waitForJournal()
    {
        change_.explain(Reason::JournalUnwritable,
            "it has failed, and is taken back as soon as hotplugd's journal can be written");
        sighting_.look();
        return tools_.now() + retryPause;
    }

    TurnEnd wait(const Next& step)
    {
        if (sighting_.isCertain())
            change_.recovered();
        if (step.reason)
            change_.explain(*step.reason, explanationOf(step));
        if (step.outcome == Outcome::Pending)
            notePending(step);
        sighting_.look();
        return step.notBefore;
    }

    /// Watchers hear what a caller was told, even when its deadline passed during the last act.
    void notePending(const Next& pending)
    {
        memory_.notedPending = memory_.notedPending || journal_.settle(pending);
    }

    std::string explanationOf(const Next& step) const
    {
        const auto intent = change_.intent();
        if (!intent->givenUp)
            return step.sentence;
        return fmt::format("{}; what was plugged before it is being taken back: {}", intent->givenUp->sentence,
            step.sentence);
    }

    /// The caller is answered in any case; the operation stays until the journal has its outcome too.
    TurnEnd settle(const Step& step)
    {
        // Whoever asked before a restart was told nothing, and asks again.
        const bool callerIsGone = change_.takenUp() && change_.intent()->goal() == Goal::Unplug;
        if (const auto told = change_.state(); told.outcome == Outcome::Pending || callerIsGone)
            notePending({.outcome = Outcome::Pending, .reason = told.reason, .sentence = told.sentence});
        const bool written = journal_.settle(step.next);
        if (memory_.notedPending || memory_.seen.front().settling)
            logLateEnd(step.next.outcome);
        const auto told = change_.settle(step.next.outcome, step.next.reason, step.next.sentence, failedField(step));
        if (told == Outcome::Pending && !memory_.notedPending)
            journal_.noteTold();
        if (written)
            return settled;
        memory_.unwritten = step.next;
        return tools_.now() + retryPause;
    }

    std::string failedField(const Step& step) const
    {
        const auto intent = change_.intent();
        if (step.next.outcome != Outcome::Failed)
            return {};
        return intent->givenUp ? intent->givenUp->field : fieldOf(*intent, step.entry);
    }

    void logLateEnd(Outcome outcome) const
    {
        for (const auto& plan : change_.intent()->plans)
            spdlog::info("operation {} {} {}: {} at last", change_.id().str(), change_.ask().verb, plan.alias.str(),
                name(outcome));
    }

    Change& change_;
    TurnTools& tools_;
    Change::Memory& memory_;
    Sighting sighting_;
    TurnJournal journal_;
    ChangePermits::Permit permit_;
};

} // namespace

std::optional<Clock::time_point> takeTurn(Change& change, TurnTools& tools)
{
    try {
        return Turn(change, tools).take();
    } catch (...) {
        // A defect. The journal's row stays open, so that the next start settles it by the XML.
        logInternalError("turn", currentExceptionText());
        change.settle(Outcome::Failed, Reason::Internal, "a defect of hotplugd; see its log", {});
        return std::nullopt;
    }
}

} // namespace hotplug
