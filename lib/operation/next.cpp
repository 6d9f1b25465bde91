#include "operation/next.h"

#include "operation/next_parts.h"

#include <stdexcept>

namespace hotplug {

namespace {

constexpr std::chrono::seconds whyGone{1};      // an event tells why a VM is gone, and may come after the fact

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
