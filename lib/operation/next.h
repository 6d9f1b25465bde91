#pragma once

#include "base/clock.h"
#include "hypervisor/hypervisor.h"
#include "model/outcome.h"

#include <optional>
#include <string>

namespace hotplug {

/// The steps of a verb; each is at most one libvirt call. A crash falls into a gap between two of them.
enum class Act { Attach, Replan, AttachConfig, WriteRecord, Barrier, DetachLive, DetachConfig, EraseRecord, Wait, Settle };

std::string_view name(Act act);

/// What one successful read says about the device of a plan.
struct Sight {
    bool active = false;                        ///< The VM runs (or is paused).
    bool live = false;                          ///< The device is in the live XML.
    bool config = false;                        ///< It, or its twin, is in the persistent XML.
    bool persistent = false;                    ///< There is a persistent XML.
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
    bool domainGone = false;                    ///< libvirt knows the VM no more; no sight then.
    std::optional<Failure> failure;             ///< Of the last act; cleared when an act succeeds.
    unsigned failures = 0;                      ///< In a row.
    std::optional<Failure> attachFailure;       ///< Why the attach failed; kept to the end.
    bool attempted = false;                     ///< Attach was called in this process.
    bool settling = false;                      ///< Taken up from the journal: nothing new is begun.
    bool barrier = false;                       ///< Nothing of ours can still be under way in libvirt: a record was
                                                ///< written, or the removal event came, since it mattered.
    std::optional<Clock::time_point> asked;     ///< When the guest was last asked to let go.
    bool accepted = false;                      ///< The guest has been asked for sure: it may let go at any time.
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

/// Decides the one next step of an operation. Pure: first run, retry, late event, restart and reconnect all ask it.
Next next(const Plan& plan, const Observed& seen);

} // namespace hotplug
