#include "operation/next_parts.h"

namespace hotplug {

namespace {

/// The device is not live: whatever else the attempt left is taken back, then it has failed.
Next undoPlug(const Plan& plan, const Observed& seen)
{
    if (seen.sight->config && plan.persist)
        return insistsOn(seen, Act::DetachConfig);
    if (seen.sight->recorded)
        return insistsOn(seen, Act::EraseRecord);
    return settlesFailedPlug(seen);
}

/// A broken connection or our own death leaves an attach running inside libvirt (DESIGN, invariant 3).
bool attachMayBeUnderWay(const Observed& seen)
{
    return !seen.barrier && effectIsUnknown(seen);
}

/// After a barrier: libvirt itself may have died and forgotten what it did.
bool qemuMayHoldIt(const Observed& seen)
{
    return effectIsUnknown(seen) && !isCleared(seen);
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

} // namespace

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

bool effectIsUnknown(const Observed& seen)
{
    return seen.settling || (seen.attachFailure && seen.attachFailure->kind == ErrorKind::Unavailable);
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

} // namespace hotplug
