#include "operation/turn.h"

#include "base/log.h"
#include "operation/act.h"
#include "operation/libvirt_refusal.h"
#include "operation/plan_change.h"

#include <algorithm>
#include <fmt/format.h>

namespace hotplug {

namespace {

using TurnEnd = std::optional<Clock::time_point>;
constexpr TurnEnd settled = std::nullopt;
constexpr std::chrono::seconds retryPause{1};

/// The guest's own word about an unplug: the XML is what it was.
bool leavesXmlAlone(ErrorKind kind)
{
    return kind == ErrorKind::GuestBusy || kind == ErrorKind::AlreadyUnplugging;
}

Step failed(std::size_t entry, Reason reason, const std::string& sentence)
{
    Next next;
    next.act = Act::Settle;
    next.outcome = Outcome::Failed;
    next.reason = reason;
    next.sentence = sentence;
    return {entry, next};
}

class Turn {
public:
    Turn(Change& change, TurnTools& tools) : change_(change), tools_(tools), memory_(change.memory) {}

    ~Turn()
    {
        if (permitted_)
            tools_.changePermits.release();
    }

    TurnEnd take()
    {
        if (memory_.unwritten)
            return isSuperseded() || writeOutcome(*memory_.unwritten) ? settled : tools_.now() + retryPause;
        memory_.domain.reset();
        memory_.removalsHeard.merge(change_.takeRemovals());
        if (!change_.intent() && !decide())
            return settled;
        for (;;) {
            observe();
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
                giveUp(step);
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
        const auto tooLate = [] { return Refusal(Reason::TooBusy, "its turn did not come in time; ask again"); };
        try {
            if (change_.abandoned())
                throw tooLate();
            readDomain();
            const Intent intent{planChange(change_, tools_, *memory_.domain), std::nullopt};
            if (const auto other = operationToJoin(tools_, intent.plans)) {
                change_.join(other);
                return false;
            }
            if (!takePermit(change_.ask().deadline) || !change_.begin(intent))
                throw tooLate();
            forgetAll(intent);
            openInJournal(intent);
            return true;
        } catch (const Refusal& refusal) {
            return refuse(refusal);
        } catch (const HypervisorError& error) {
            return refuse(asRefusal(error));
        } catch (const JournalError& error) {
            spdlog::error("journal: {}", error.what());
            return refuse(Refusal(Reason::JournalUnwritable, "the journal cannot be written, so nothing was changed"));
        }
    }

    bool refuse(const Refusal& refusal)
    {
        change_.refuse(refusal);
        return false;
    }

    /// Nothing is known of the intent's devices yet.
    void forgetAll(const Intent& intent)
    {
        Observed unknown;
        unknown.deadline = change_.ask().deadline;
        memory_.seen.assign(intent.plans.size(), unknown);
    }

    /// One for the whole turn; waited for before the point of no return, so that no answer is needed from libvirt.
    bool takePermit(Clock::time_point until)
    {
        permitted_ = permitted_ || tools_.changePermits.try_acquire_until(until);
        return permitted_;
    }

    void openInJournal(const Intent& intent)
    {
        JournalEntry entry;
        entry.id = change_.id();
        entry.verb = change_.ask().verb;
        entry.intent = intent;
        entry.uid = change_.ask().caller.uid;
        entry.pid = change_.ask().caller.pid;
        entry.opened = std::chrono::system_clock::now();
        tools_.journal.open(entry);
    }

    void readDomain()
    {
        const auto xml = tools_.hypervisor.read(change_.ask().vm);
        const auto intent = change_.intent();
        if (intent && intent->plans.front().kind == DeviceKind::Nic && intent->goal() == Goal::Plug)
            change_.saw(xml.live);              // engines read it from the reply
        memory_.domain = parseDomain(xml.status, xml.live, xml.config);
    }

    void observe()
    {
        const bool known = memory_.domain
            && std::ranges::all_of(memory_.seen, [](const Observed& seen) { return seen.sight.has_value(); });
        for (auto& seen : memory_.seen)
            seen.now = tools_.now();
        if (known)
            return;
        try {
            if (!memory_.domain)
                readDomain();
            for (std::size_t i = 0; i < memory_.seen.size(); ++i)
                see(change_.intent()->plans[i], memory_.seen[i]);
        } catch (const HypervisorError& error) {
            cannotSee(error.kind(), error.what());
        } catch (const XmlError& error) {
            cannotSee(ErrorKind::Other, error.what());
        }
    }

    void see(const Plan& plan, Observed& seen)
    {
        seen.sight = look(plan, *memory_.domain);
        seen.domainGone = false;
        if (seen.failure && seen.failure->act == Act::Wait)
            seen.failure.reset();
        const bool heard = memory_.removalsHeard.erase(plan.alias) > 0;
        seen.barrier = !seen.sight->live && (seen.barrier || heard);
    }

    void cannotSee(ErrorKind kind, const std::string& text)
    {
        for (auto& seen : memory_.seen) {
            seen.sight.reset();
            seen.domainGone = kind == ErrorKind::NoDomain;
            fail(seen, Act::Wait, kind, text);
        }
    }

    void fail(Observed& seen, Act act, ErrorKind kind, const std::string& text)
    {
        seen.failure = Failure{act, kind, text, tools_.now()};
        ++seen.failures;
    }

    void act(const Step& step)
    {
        auto& seen = memory_.seen[step.entry];
        const auto act = step.next.act;
        try {
            callLibvirt(act, step.entry);
            seen.failure.reset();
            seen.failures = 0;
            remember(act, seen);
        } catch (const HypervisorError& error) {
            spdlog::info("operation {}: {}: {}", change_.id().str(), name(act), error.what());
            fail(seen, act, error.kind(), error.what());
            seen.accepted = seen.accepted || error.kind() == ErrorKind::AlreadyUnplugging;
            if (act == Act::Attach)
                seen.attachFailure = seen.failure;
            if (!leavesXmlAlone(error.kind()))
                lookAgain();
        }
    }

    void callLibvirt(Act act, std::size_t entry)
    {
        auto& seen = memory_.seen[entry];
        seen.attempted = seen.attempted || act == Act::Attach;
        if (act == Act::DetachLive)
            seen.asked = seen.now;
        perform(tools_.hypervisor, act, change_.intent()->plans[entry], *memory_.domain);
    }

    /// What an act's success tells without another read. Asked is not gone, so the sight stands after DetachLive.
    void remember(Act act, Observed& seen)
    {
        const bool alone = memory_.seen.size() == 1;    // else the next record is made from those just written
        switch (act) {
        case Act::DetachLive:
            seen.accepted = true;
            return;
        case Act::WriteRecord:
            seen.sight->recorded = true;
            return alone ? void() : lookAgain();
        case Act::EraseRecord:
            seen.sight->recorded = false;
            seen.barrier = true;
            return alone ? void() : lookAgain();
        case Act::Barrier:
            seen.barrier = true;
            return lookAgain();
        default:
            return lookAgain();
        }
    }

    void lookAgain()
    {
        memory_.domain.reset();
        for (auto& seen : memory_.seen)
            seen.sight.reset();
    }

    /// How it ended when there is no other address; nothing is left of this entry then.
    std::optional<Step> replan(std::size_t entry)
    {
        auto intent = *change_.intent();
        auto& seen = memory_.seen[entry];
        memory_.refusedAddresses.push_back(*intent.plans[entry].address);
        try {
            intent.plans[entry] = planAgain(change_, tools_, *memory_.domain, entry);
            tools_.journal.rewrite(change_.id(), intent);
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

    /// The list is taken back from here on. A journal that cannot be written loses nothing by it: whoever takes the
    /// list up finds that this entry has failed, and does the same.
    void giveUp(const Step& step)
    {
        const auto intent = change_.intent();
        const auto undo = takenBack(*intent, memory_.seen,
            {step.next.reason.value_or(Reason::LibvirtError), step.next.sentence, fieldOf(*intent, step.entry)});
        try {
            tools_.journal.rewrite(change_.id(), undo);
        } catch (const JournalError& error) {
            spdlog::error("journal: operation {} is taken back, which it does not know: {}", change_.id().str(),
                error.what());
        }
        change_.rewrite(undo);
        forgetAll(undo);
        for (auto& seen : memory_.seen)
            seen.accepted = true;
        memory_.domain.reset();
    }

    TurnEnd wait(const Next& step)
    {
        if (step.reason)
            change_.explain(*step.reason, explanationOf(step));
        if (step.outcome == Outcome::Pending && !memory_.notedPending) {
            memory_.notedPending = true;
            writeOutcome({0, step});
        }
        lookAgain();
        return step.notBefore;
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
        const bool written = writeOutcome(step);
        if (memory_.notedPending || memory_.seen.front().settling)
            logLateEnd(step.next.outcome);
        change_.settle(step.next.outcome, step.next.reason, step.next.sentence, failedField(step));
        if (written)
            return settled;
        memory_.unwritten = step;
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

    /// A later operation of the same device has closed the row that could not be written.
    bool isSuperseded()
    {
        try {
            const auto entry = tools_.journal.find(change_.id());
            return !entry || (entry->outcome != Outcome::Running && entry->outcome != Outcome::Pending);
        } catch (const JournalError&) {
            return false;
        }
    }

    bool writeOutcome(const Step& step)
    {
        try {
            tools_.journal.settle(change_.id(), step.next.outcome, step.next.reason, step.next.sentence);
            return true;
        } catch (const JournalError& error) {
            spdlog::error("journal: operation {} is still open in it: {}", change_.id().str(), error.what());
            return false;
        }
    }

    Change& change_;
    TurnTools& tools_;
    Change::Memory& memory_;
    bool permitted_ = false;
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
