#include "operation/turn.h"

#include "base/log.h"
#include "operation/act.h"
#include "operation/libvirt_refusal.h"

#include <fmt/format.h>
#include <utility>

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
        memory_.removalHeard = change_.takeRemoval() || memory_.removalHeard;
        if (!change_.plan() && !decide())
            return settled;
        for (;;) {
            observe();
            const auto step = next(*change_.plan(), memory_.seen);
            if (step.act == Act::Settle)
                return settle(step);
            if (step.act == Act::Wait)
                return wait(step);
            if (step.act == Act::Replan) {
                if (const auto failure = replan())
                    return settle(*failure);
                continue;
            }
            if (!takePermit(Clock::now() + retryPause))
                return tools_.now() + retryPause;
            act(step.act);
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
            const auto plan = planAround(readDomain());
            if (joinsAnother(plan))
                return false;
            if (!takePermit(change_.ask().deadline) || !change_.begin(plan))
                throw tooLate();
            openInJournal(plan);
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

    /// An address that has just been released is used only when it was asked for, or no other is left.
    Plan planAround(const Domain& domain)
    {
        const auto resting = tools_.restingAddresses(change_.ask().vm);
        if (resting.empty())
            return planWith(domain);
        try {
            auto crowded = domain;
            for (const auto& address : resting)
                occupy(crowded, address, "a device that has just left");
            return planWith(std::move(crowded));
        } catch (const Refusal& refusal) {
            if (refusal.reason() != Reason::NoFreePciPort && refusal.reason() != Reason::AddressInUse)
                throw;
            return planWith(domain);
        }
    }

    /// A plug that stumbles over a device on its way out is told so.
    Plan planWith(Domain domain)
    {
        for (const auto& address : memory_.refusedAddresses)
            occupy(domain, address, "a device that the XML does not show");
        try {
            return change_.ask().plan(domain);
        } catch (const Refusal& refusal) {
            if (refusal.reason() != Reason::AlreadyPlugged
                || !tools_.openOperation(change_.ask().vm, Goal::Unplug, Alias(refusal.conflictsWith())))
                throw;
            throw Refusal(Reason::HasPendingUnplug,
                fmt::format("{} is still being unplugged; wait until the guest has let go", refusal.conflictsWith()))
                .at(refusal.field()).against(refusal.conflictsWith());
        }
    }

    static void occupy(Domain& domain, const Address& address, const std::string& holder)
    {
        if (!domain.live)
            return;
        if (const auto* pci = std::get_if<PciAddress>(&address))
            domain.live->pci.push_back({*pci, holder});
        else
            domain.live->scsi.push_back({std::get<DriveAddress>(address), holder});
    }

    /// One for the whole turn; waited for before the point of no return, so that no answer is needed from libvirt.
    bool takePermit(Clock::time_point until)
    {
        permitted_ = permitted_ || tools_.changePermits.try_acquire_until(until);
        return permitted_;
    }

    bool joinsAnother(const Plan& plan)
    {
        if (plan.goal != Goal::Unplug)
            return false;
        const auto other = tools_.openOperation(plan.vm, Goal::Unplug, plan.alias);
        if (other)
            change_.join(other);
        return other != nullptr;
    }

    void openInJournal(const Plan& plan)
    {
        JournalEntry entry;
        entry.id = change_.id();
        entry.verb = change_.ask().verb;
        entry.plan = plan;
        entry.uid = change_.ask().caller.uid;
        entry.pid = change_.ask().caller.pid;
        entry.opened = std::chrono::system_clock::now();
        tools_.journal.open(entry);
    }

    Domain readDomain()
    {
        const auto xml = tools_.hypervisor.read(change_.ask().vm);
        if (const auto plan = change_.plan(); plan && plan->kind == DeviceKind::Nic && plan->goal == Goal::Plug)
            change_.saw(xml.live);              // engines read it from the reply
        memory_.domain = parseDomain(xml.status, xml.live, xml.config);
        return *memory_.domain;
    }

    void observe()
    {
        auto& seen = memory_.seen;
        seen.now = tools_.now();
        if (memory_.domain && seen.sight)
            return;
        try {
            if (!memory_.domain)
                readDomain();
            seen.sight = look(*change_.plan(), *memory_.domain);
            seen.domainGone = false;
            if (seen.failure && seen.failure->act == Act::Wait)
                seen.failure.reset();
            seen.barrier = !seen.sight->live && (seen.barrier || std::exchange(memory_.removalHeard, false));
        } catch (const HypervisorError& error) {
            seen.sight.reset();
            seen.domainGone = error.kind() == ErrorKind::NoDomain;
            fail(Act::Wait, error.kind(), error.what());
        } catch (const XmlError& error) {
            seen.sight.reset();
            fail(Act::Wait, ErrorKind::Other, error.what());
        }
    }

    void fail(Act act, ErrorKind kind, const std::string& text)
    {
        memory_.seen.failure = Failure{act, kind, text, tools_.now()};
        ++memory_.seen.failures;
    }

    void act(Act act)
    {
        auto& seen = memory_.seen;
        try {
            callLibvirt(act);
            seen.failure.reset();
            seen.failures = 0;
            remember(act);
        } catch (const HypervisorError& error) {
            spdlog::info("operation {}: {}: {}", change_.id().str(), name(act), error.what());
            fail(act, error.kind(), error.what());
            seen.accepted = seen.accepted || error.kind() == ErrorKind::AlreadyUnplugging;
            if (act == Act::Attach)
                seen.attachFailure = seen.failure;
            if (!leavesXmlAlone(error.kind()))
                lookAgain();
        }
    }

    void callLibvirt(Act act)
    {
        auto& seen = memory_.seen;
        seen.attempted = seen.attempted || act == Act::Attach;
        if (act == Act::DetachLive)
            seen.asked = seen.now;
        perform(tools_.hypervisor, act, *change_.plan(), *memory_.domain);
    }

    /// What an act's success tells without another read. Asked is not gone, so the sight stands after DetachLive.
    void remember(Act act)
    {
        auto& seen = memory_.seen;
        switch (act) {
        case Act::DetachLive:
            seen.accepted = true;
            return;
        case Act::WriteRecord:
            seen.sight->recorded = true;
            return;
        case Act::EraseRecord:
            seen.sight->recorded = false;
            seen.barrier = true;
            return;
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
        memory_.seen.sight.reset();
    }

    /// How it ended when there is no other address; nothing is left of it then.
    std::optional<Next> replan()
    {
        auto& seen = memory_.seen;
        memory_.refusedAddresses.push_back(*change_.plan()->address);
        try {
            const auto plan = planWith(*memory_.domain);
            tools_.journal.replan(change_.id(), plan);
            change_.replan(plan);
        } catch (const Refusal& refusal) {
            return Next{Act::Settle, {}, Outcome::Failed, refusal.reason(), refusal.what()};
        } catch (const JournalError& error) {
            return Next{Act::Settle, {}, Outcome::Failed, Reason::JournalUnwritable, error.what()};
        }
        seen.attachFailure.reset();
        seen.failure.reset();
        seen.attempted = false;
        return std::nullopt;
    }

    TurnEnd wait(const Next& step)
    {
        if (step.reason)
            change_.explain(*step.reason, step.sentence);
        if (step.outcome == Outcome::Pending && !memory_.notedPending) {
            memory_.notedPending = true;
            writeOutcome(step);
        }
        lookAgain();
        return step.notBefore;
    }

    /// The caller is answered in any case; the operation stays until the journal has its outcome too.
    TurnEnd settle(const Next& step)
    {
        const bool written = writeOutcome(step);
        if (memory_.notedPending || memory_.seen.settling)
            spdlog::info("operation {} {} {}: {} at last", change_.id().str(), change_.ask().verb,
                change_.plan()->alias.str(), name(step.outcome));
        change_.settle(step.outcome, step.reason, step.sentence);
        if (written)
            return settled;
        memory_.unwritten = step;
        return tools_.now() + retryPause;
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

    bool writeOutcome(const Next& step)
    {
        try {
            tools_.journal.settle(change_.id(), step.outcome, step.reason, step.sentence);
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
        change.settle(Outcome::Failed, Reason::Internal, "a defect of hotplugd; see its log");
        return std::nullopt;
    }
}

} // namespace hotplug
