#include "operation/next.h"

#include "operation/libvirt_refusal.h"

#include <algorithm>
#include <stdexcept>

namespace hotplug {

namespace {

using std::chrono::seconds;

constexpr milliseconds firstBackOff{250}, longestBackOff{2000};
constexpr milliseconds firstLook{100};
constexpr seconds whyGone{1};                   // an event tells why a VM is gone, and may come after the fact
constexpr seconds askAgain{5};                  // SPEC K2
constexpr seconds reread{1}, rarestReread{30};  // DESIGN, timer

Next does(Act act)
{
    Next next;
    next.act = act;
    return next;
}

Next settles(Outcome outcome, std::optional<Reason> reason = std::nullopt, std::string sentence = {})
{
    Next next;
    next.act = Act::Settle;
    next.outcome = outcome;
    next.reason = reason;
    next.sentence = std::move(sentence);
    return next;
}

Next settles(const Failure& failure)
{
    return settles(Outcome::Failed, reasonFor(failure.kind), sentenceFor(failure.kind, failure.text));
}

milliseconds backOff(unsigned failures)
{
    constexpr unsigned enoughDoublings = 3;
    return std::min(firstBackOff * (1u << std::min(failures, enoughDoublings)), longestBackOff);
}

/// A second while somebody waits for the answer, then ever more seldom.
Clock::duration intervalAt(Clock::time_point time, const Observed& seen)
{
    constexpr int share = 4;
    return std::clamp<Clock::duration>((time - seen.deadline) / share, reread, rarestReread);
}

/// Why it is not done yet.
void explain(Next& next, const Observed& seen)
{
    if (seen.sight && !seen.sight->recordsReadable) {
        next.reason = Reason::RecordUnreadable;
        next.sentence = "the VM's hotplugd records cannot be read, and nothing is written over them; see getVm";
    } else if (seen.sight && seen.sight->job) {
        next.reason = Reason::Migrating;
        next.sentence = "a migration, save or dump of the VM runs; it is gone on with when that is over";
    } else if (seen.away == Away::Saved) {
        next.reason = Reason::VmNotUp;
        next.sentence = "the VM is saved with the device in it; it is gone on with when the VM is restored";
    } else if (seen.failure) {
        next.reason = reasonFor(seen.failure->kind);
        next.sentence = sentenceFor(seen.failure->kind, seen.failure->text) + "; it is tried again";
    } else {
        next.reason = Reason::GuestNotResponding;
        next.sentence = "it has been asked and not answered yet; it is watched and completed whenever it happens";
    }
}

/// Waits until the given time at the latest; after the deadline the caller has been told `pending`.
Next waits(const Observed& seen, Clock::time_point until)
{
    Next next;
    next.act = Act::Wait;
    next.notBefore = seen.now < seen.deadline ? std::min(until, seen.deadline) : until;
    if (seen.now >= seen.deadline)
        next.outcome = Outcome::Pending;
    explain(next, seen);
    return next;
}

/// Within the deadline soon, after it as seldom as everything else.
Clock::duration pauseAfterFailure(const Observed& seen)
{
    const Clock::duration pause = backOff(seen.failures);
    return seen.now < seen.deadline ? pause : std::max(pause, intervalAt(seen.now, seen));
}

bool failedAt(const Observed& seen, Act act)
{
    return seen.failure && seen.failure->act == act;
}

/// Errors that say "not now"; all others are final for the act.
bool isPassing(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::GuestBusy:
    case ErrorKind::AlreadyUnplugging:
    case ErrorKind::StateLocked:
    case ErrorKind::Unavailable:
    case ErrorKind::Migrating:
    case ErrorKind::NotRunning:                 // the next read tells what became of the VM
    case ErrorKind::NoDomain:
    case ErrorKind::DeviceMissing:
        return true;
    default:
        return false;
    }
}

bool writesRecords(Act act)
{
    return act == Act::WriteRecord || act == Act::EraseRecord || act == Act::Barrier;
}

/// Repeated until it succeeds: the operation stays open rather than end in an unknown state.
Next insistsOn(const Observed& seen, Act act)
{
    if (writesRecords(act) && !seen.sight->recordsReadable)
        return waits(seen, seen.now + intervalAt(seen.now, seen));
    if (failedAt(seen, act) && seen.now < seen.failure->when + pauseAfterFailure(seen))
        return waits(seen, seen.failure->when + pauseAfterFailure(seen));
    return does(act);
}

Next settlesFailedPlug(const Observed& seen)
{
    const bool refused = seen.attachFailure && !isPassing(seen.attachFailure->kind);
    if (seen.away == Away::Migrated && !refused)
        return settles(Outcome::Failed, Reason::Migrating, "the VM migrated to another host before the device was plugged");
    if (seen.attachFailure)
        return settles(seen.attachFailure.value());
    if (!seen.sight->active)
        return settles(Outcome::Failed, Reason::VmNotUp, "the VM stopped before the device was plugged");
    if (seen.settling)
        return settles(Outcome::Failed, Reason::Recovering, "hotplugd was restarted before the device was plugged, and nothing is left of it; ask again, as a new request");
    return settles(Outcome::Failed, Reason::LibvirtError, "the device vanished as soon as it was plugged");
}

/// The device is not live: whatever else the attempt left is taken back, then it has failed.
Next undoPlug(const Plan& plan, const Observed& seen)
{
    if (seen.sight->config && plan.persist)
        return insistsOn(seen, Act::DetachConfig);
    if (seen.sight->recorded)
        return insistsOn(seen, Act::EraseRecord);
    return settlesFailedPlug(seen);
}

bool effectIsUnknown(const Observed& seen)
{
    return seen.settling || (seen.attachFailure && seen.attachFailure->kind == ErrorKind::Unavailable);
}

/// A broken connection or our own death leaves an attach running inside libvirt (DESIGN, invariant 3).
bool attachMayBeUnderWay(const Observed& seen)
{
    return !seen.barrier && effectIsUnknown(seen);
}

/// What stays in use although the device is not there belongs to another one.
bool isInUseByOthers(const Observed& seen)
{
    constexpr unsigned enoughTries = 4;         // over two seconds: QEMU may take a moment to let go
    return failedAt(seen, Act::DropFromQemu) && seen.failures >= enoughTries && !(seen.leftovers && seen.leftovers->device);
}

bool isCleared(const Observed& seen)
{
    return seen.qemuCleared || (seen.leftovers && seen.leftovers->none()) || isInUseByOthers(seen);
}

/// After a barrier: libvirt itself may have died and forgotten what it did.
bool qemuMayHoldIt(const Observed& seen)
{
    return effectIsUnknown(seen) && !isCleared(seen);
}

/// The guest is asked by QEMU itself, as libvirt knows nothing of the device; nobody tells when it has let go.
Next clearQemu(const Observed& seen)
{
    if (!seen.leftovers)
        return insistsOn(seen, Act::AskQemu);
    if (!seen.leftovers->device)
        return insistsOn(seen, Act::DropFromQemu);
    if (!seen.asked || seen.now >= *seen.asked + askAgain)
        return insistsOn(seen, Act::UnplugFromQemu);
    const auto pause = std::clamp<Clock::duration>(seen.now - *seen.asked, firstLook, intervalAt(seen.now, seen));
    return waits(seen, seen.now + pause);
}

/// SPEC P1: libvirt knows of a use that the XML does not show; the next free address is taken.
bool wantsAnotherAddress(const Observed& seen)
{
    return seen.attachFailure && seen.attachFailure->kind == ErrorKind::AddressInUse && !seen.sight->config
        && !seen.settling;
}

/// The definition has something now that the device cannot stand beside, whoever put it there.
bool isExcludedByDefinition(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::AddressInUse:
    case ErrorKind::TargetInUse:
    case ErrorKind::AliasInUse:
    case ErrorKind::BootOrderInUse:
    case ErrorKind::BootOrderUnsupported:
    case ErrorKind::NoFreePort:
    case ErrorKind::Exists:
    case ErrorKind::Invalid:
        return true;
    default:
        return false;
    }
}

/// The guest is asked to give the device back.
Next givesUp(const Failure& failure)
{
    auto next = settles(failure);
    next.act = Act::GiveUp;
    return next;
}

/// libvirt plugs live first and saves the definition last: who dies in between leaves only the former.
Next completePlug(const Plan& plan, const Observed& seen)
{
    if (plan.persist && seen.sight->persistent && !seen.sight->config) {
        if (failedAt(seen, Act::AttachConfig) && isExcludedByDefinition(seen.failure->kind))
            return givesUp(*seen.failure);
        return insistsOn(seen, Act::AttachConfig);
    }
    return seen.sight->recorded ? settles(Outcome::Done) : insistsOn(seen, Act::WriteRecord);
}

Next nextOfPlug(const Plan& plan, const Observed& seen)
{
    if (seen.sight->live)
        return completePlug(plan, seen);
    if (!seen.sight->active)
        return undoPlug(plan, seen);
    if (attachMayBeUnderWay(seen))
        return insistsOn(seen, Act::Barrier);
    if (!seen.attempted && !seen.settling)
        return does(Act::Attach);
    if (qemuMayHoldIt(seen))
        return clearQemu(seen);
    return wantsAnotherAddress(seen) ? does(Act::Replan) : undoPlug(plan, seen);
}

bool failedToAsk(const Observed& seen)
{
    return failedAt(seen, Act::DetachLive) || failedAt(seen, Act::UnplugFromQemu);
}

/// When the guest is asked again: soon after "too early", else every 5 s (SPEC K2).
Clock::time_point askNext(const Observed& seen)
{
    if (!seen.asked)
        return seen.now;
    const bool tooEarly = failedToAsk(seen) && isPassing(seen.failure->kind)
        && seen.failure->kind != ErrorKind::AlreadyUnplugging;
    if (tooEarly && seen.now < seen.deadline)
        return seen.failure->when + backOff(seen.failures);
    return *seen.asked + askAgain;
}

/// libvirt 9.0 that asks a second time while the guest is letting go takes what is behind the device away too early: it
/// leaves block nodes in QEMU, or dies. QEMU itself says that there is no such device, and libvirt hears of its removal.
bool mayHaveBeenAsked(const Observed& seen)
{
    return seen.settling || seen.askedBefore || seen.asks > 0;
}

Next stopsAsking()
{
    return settles(Outcome::Cancelled, Reason::Cancelled, "asking has stopped; the guest may still let go");
}

/// The guest still has the device.
Next persuade(const Observed& seen)
{
    if (seen.cancelled)
        return stopsAsking();
    if (failedToAsk(seen) && !isPassing(seen.failure->kind) && !seen.accepted)
        return settles(seen.failure.value());
    if (seen.now >= askNext(seen))
        return does(mayHaveBeenAsked(seen) ? Act::UnplugFromQemu : Act::DetachLive);
    return waits(seen, std::min(askNext(seen), seen.now + intervalAt(seen.now, seen)));
}

/// A removal that libvirt did not live to finish, or began twice.
bool qemuMayHoldSome(const Observed& seen)
{
    return (seen.settling || seen.askedBefore || seen.asks > 1) && !isCleared(seen);
}

/// The live XML is without it. That completes only after libvirt's own removal, which a record write waits for (K1).
Next completeUnplug(const Plan& plan, const Observed& seen)
{
    if (seen.sight->config && plan.persist)
        return insistsOn(seen, Act::DetachConfig);
    if (seen.sight->recorded)
        return insistsOn(seen, Act::EraseRecord);
    if (!seen.sight->active)
        return settles(Outcome::Done);
    if (!seen.barrier)
        return insistsOn(seen, Act::Barrier);
    return qemuMayHoldSome(seen) ? clearQemu(seen) : settles(Outcome::Done);
}

/// SPEC K3: the definition keeps what a stop of the VM, and not its guest, has taken out after the cancel.
bool isSpared(const Observed& seen)
{
    return seen.cancelled && !seen.sight->active && !seen.barrier;
}

Next nextOfUnplug(const Plan& plan, const Observed& seen)
{
    if (isSpared(seen))
        return stopsAsking();
    return seen.sight->live ? persuade(seen) : completeUnplug(plan, seen);
}

/// The definition loses a device after the guest has let go of it. (A saved VM brings its records along.)
bool leftHere(const Plan& plan, const Observed& seen)
{
    const bool wasDefined = plan.persist && plan.record && plan.record->persist;
    return seen.away == Away::Migrated && wasDefined && seen.sight && seen.sight->persistent && !seen.sight->config;
}

/// SPEC K10, C13: unless it is known that the VM left without the device.
bool wentAlong(const Plan& plan, const Observed& seen)
{
    if (seen.away == Away::No)
        return false;
    if (plan.goal == Goal::Unplug)
        return !seen.barrier && !leftHere(plan, seen);
    return effectIsUnknown(seen) || (seen.attempted && !seen.attachFailure);
}

/// Of a VM with the device. One that is saved comes back with it, as long as libvirt knows the VM.
Next nextWhenAway(const Observed& seen)
{
    if (seen.away != Away::Saved || seen.goneSince)
        return settles(Outcome::Moved, Reason::Migrating,
            "the VM has left this host with it; what becomes of the device is seen where the VM runs");
    return seen.cancelled ? stopsAsking() : waits(seen, seen.now + intervalAt(seen.now, seen));
}

Next nextWhenGone(const Plan& plan, const Observed& seen)
{
    if (seen.away == Away::No && seen.now < *seen.goneSince + whyGone)
        return waits(seen, *seen.goneSince + whyGone);
    if (plan.goal == Goal::Unplug)
        return settles(Outcome::Done);
    if (seen.away == Away::Migrated)
        return settlesFailedPlug(seen);
    return settles(Outcome::Failed, Reason::VmNotFound, "the VM is gone");
}

} // namespace

Next next(const Plan& plan, const Observed& seen)
{
    if (!seen.sight && !seen.goneSince)
        return waits(seen, seen.now + pauseAfterFailure(seen));
    if (wentAlong(plan, seen))
        return nextWhenAway(seen);
    if (seen.goneSince)
        return nextWhenGone(plan, seen);
    if (seen.sight->job)
        return waits(seen, seen.now + intervalAt(seen.now, seen));
    return plan.goal == Goal::Plug ? nextOfPlug(plan, seen) : nextOfUnplug(plan, seen);
}

std::string_view name(Act act)
{
    switch (act) {
    case Act::Attach: return "attach";
    case Act::Replan: return "replan";
    case Act::AttachConfig: return "attach-config";
    case Act::WriteRecord: return "write-record";
    case Act::Barrier: return "barrier";
    case Act::AskQemu: return "ask-qemu";
    case Act::UnplugFromQemu: return "unplug-from-qemu";
    case Act::DropFromQemu: return "drop-from-qemu";
    case Act::DetachLive: return "detach-live";
    case Act::DetachConfig: return "detach-config";
    case Act::EraseRecord: return "erase-record";
    case Act::GiveUp: return "give-up";
    case Act::Wait: return "wait";
    case Act::Settle: return "settle";
    }
    throw std::logic_error("an act without a name");
}

} // namespace hotplug
