#include "operation/next_parts.h"

#include <algorithm>

namespace hotplug {

namespace {

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

} // namespace

Next nextOfUnplug(const Plan& plan, const Observed& seen)
{
    if (isSpared(seen))
        return stopsAsking();
    return seen.sight->live ? persuade(seen) : completeUnplug(plan, seen);
}

Next stopsAsking()
{
    return settles(Outcome::Cancelled, Reason::Cancelled, "asking has stopped; the guest may still let go");
}

} // namespace hotplug
