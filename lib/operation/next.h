#pragma once

#include "base/clock.h"
#include "hypervisor/hypervisor.h"
#include "model/outcome.h"
#include "operation/qemu_leftovers.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace hotplug {

/// The steps of a verb; each is at most one call of the hypervisor. A crash falls into a gap between two of them.
/// AskQemu and what follows from it: libvirt may have died in the middle of an attach (DESIGN, invariant 1). GiveUp: what
/// has been plugged so far is to be unplugged again, as a list whose next device failed, or one that the definition
/// does not take any more.
enum class Act {
    Attach, Replan, AttachConfig, WriteRecord, Barrier, AskQemu, UnplugFromQemu, DropFromQemu, DetachLive, DetachConfig,
    EraseRecord, GiveUp, Wait, Settle
};

std::string_view name(Act act);

/// What one successful read says about the device of a plan.
struct Sight {
    bool active = false;                        ///< The VM runs (or is paused).
    bool live = false;                          ///< The device is in the live XML.
    bool config = false;                        ///< It, or its twin, is in the persistent XML.
    bool persistent = false;                    ///< There is a persistent XML.
    bool job = false;                           ///< A migration, save or dump runs: nothing is asked (SPEC K10).
    bool recordsReadable = true;                ///< Else nothing may be written over them (SPEC A9).
    bool recorded = false;                      ///< Plug: the planned record stands. Unplug: one is left to change.
};

/// What went wrong last, and at what.
struct Failure {
    Act act = Act::Attach;
    ErrorKind kind = ErrorKind::Other;
    std::string text;
    Clock::time_point when{};
};

/// All that next() may know. Everything but `sight` is this process's own memory and may be lost with it.
struct Observed {
    std::optional<Sight> sight;                 ///< Empty: the VM could not be read.
    std::optional<Clock::time_point> goneSince; ///< libvirt knows the VM no more; no sight then.
    Away away = Away::No;                       ///< Why it is inactive or gone.
    std::optional<Failure> failure;             ///< Of the last act; cleared when an act succeeds.
    unsigned failures = 0;                      ///< In a row.
    std::optional<Failure> attachFailure;       ///< Why the attach failed; kept to the end.
    bool attempted = false;                     ///< Attach was called in this process.
    bool settling = false;                      ///< Taken up from the journal, or an unplug whose libvirt was lost:
                                                ///< nothing new is begun, and what was asked may have been heard.
    bool barrier = false;                       ///< Nothing of ours can still be under way in libvirt: a record was
                                                ///< written, or the removal event came, since it mattered.
    std::optional<QemuLeftovers> leftovers;     ///< Empty: QEMU was not asked since the sight.
    bool qemuCleared = false;                   ///< It has dropped what was left, once the guest had let go.
    std::optional<Clock::time_point> asked;     ///< When the guest was last asked to let go.
    unsigned asks = 0;                          ///< How often it was asked of this device, and must have heard.
    bool askedBefore = false;                   ///< By an unplug before this one, that was cancelled.
    bool accepted = false;                      ///< The guest has been asked for sure to let go of this device, or of
                                                ///< another one of the operation: there is no way back.
    bool cancelled = false;
    Clock::time_point now{}, deadline{};
};

struct Next {
    Act act = Act::Wait;
    Clock::time_point notBefore{};              ///< Wait: look again then, if no event comes before.
    Outcome outcome = Outcome::Running;         ///< Settle: how it ended. Wait: running, or pending after the deadline.
    std::optional<Reason> reason;
    std::string sentence;                       ///< For people; empty when done.
};

/// Decides the one next step for a device. Pure: first run, retry, late event, restart and reconnect all ask it.
Next next(const Plan& plan, const Observed& seen);

/// The next step of an operation, and the device that it is about.
struct Step {
    std::size_t entry = 0;                      ///< Index into the intent's plans.
    Next next;
};

/// All or none (SPEC R2): devices are plugged one after the other, and asked to leave all at once. `seen` has an element
/// for each plan. Pure, like next().
Step nextStep(const Intent& intent, const std::vector<Observed>& seen);

/// How a list ends of which one entry has failed and left nothing behind: as `failed` says, or with GiveUp first.
Step endOfPlug(const std::vector<Observed>& seen, Step failed);

/// What is left to unplug of a list whose plug of one entry has failed.
Intent takenBack(const Intent& intent, const std::vector<Observed>& seen, const GivenUp& why);

/// The entry of a list as fields begin with it; empty when there is but one.
std::string fieldOf(const Intent& intent, std::size_t entry);

} // namespace hotplug
