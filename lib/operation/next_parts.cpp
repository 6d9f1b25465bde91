#include "operation/next_parts.h"

#include "operation/libvirt_refusal.h"

#include <algorithm>

namespace hotplug {

namespace {

using std::chrono::seconds;

constexpr milliseconds firstBackOff{250}, longestBackOff{2000};
constexpr milliseconds firstLook{100};
constexpr seconds reread{1}, rarestReread{30};  // DESIGN, timer

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

bool writesRecords(Act act)
{
    return act == Act::WriteRecord || act == Act::EraseRecord || act == Act::Barrier;
}

/// What stays in use although the device is not there belongs to another one.
bool isInUseByOthers(const Observed& seen)
{
    constexpr unsigned enoughTries = 4;         // over two seconds: QEMU may take a moment to let go
    return failedAt(seen, Act::DropFromQemu) && seen.failures >= enoughTries && !(seen.leftovers && seen.leftovers->device);
}

} // namespace

Next does(Act act)
{
    Next next;
    next.act = act;
    return next;
}

Next settles(Outcome outcome, std::optional<Reason> reason, std::string sentence)
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

Next insistsOn(const Observed& seen, Act act)
{
    if (writesRecords(act) && !seen.sight->recordsReadable)
        return waits(seen, seen.now + intervalAt(seen.now, seen));
    if (failedAt(seen, act) && seen.now < seen.failure->when + pauseAfterFailure(seen))
        return waits(seen, seen.failure->when + pauseAfterFailure(seen));
    return does(act);
}

Clock::duration intervalAt(Clock::time_point time, const Observed& seen)
{
    constexpr int share = 4;
    return std::clamp<Clock::duration>((time - seen.deadline) / share, reread, rarestReread);
}

milliseconds backOff(unsigned failures)
{
    constexpr unsigned enoughDoublings = 3;
    return std::min(firstBackOff * (1u << std::min(failures, enoughDoublings)), longestBackOff);
}

Clock::duration pauseAfterFailure(const Observed& seen)
{
    const Clock::duration pause = backOff(seen.failures);
    return seen.now < seen.deadline ? pause : std::max(pause, intervalAt(seen.now, seen));
}

bool failedAt(const Observed& seen, Act act)
{
    return seen.failure && seen.failure->act == act;
}

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

bool isCleared(const Observed& seen)
{
    return seen.qemuCleared || (seen.leftovers && seen.leftovers->none()) || isInUseByOthers(seen);
}

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

} // namespace hotplug
