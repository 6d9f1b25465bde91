#pragma once

#include "operation/next.h"

#include <chrono>

/// What deciding the next step of a plug and of an unplug has in common. Of next() only; pure like it.
namespace hotplug {

inline constexpr std::chrono::seconds askAgain{5};          ///< SPEC K2

Next does(Act act);
Next settles(Outcome outcome, std::optional<Reason> reason = std::nullopt, std::string sentence = {});
Next settles(const Failure& failure);                       ///< As failed.

/// Waits until the given time at the latest; after the deadline the caller has been told `pending`.
Next waits(const Observed& seen, Clock::time_point until);
/// The act, which is repeated until it succeeds: the operation stays open rather than end in an unknown state.
Next insistsOn(const Observed& seen, Act act);

/// Between reads: a second while somebody waits for the answer, then ever more seldom.
Clock::duration intervalAt(Clock::time_point time, const Observed& seen);
milliseconds backOff(unsigned failures);
/// Within the deadline soon, after it as seldom as everything else.
Clock::duration pauseAfterFailure(const Observed& seen);

bool failedAt(const Observed& seen, Act act);
/// Errors that say "not now"; all others are final for the act.
bool isPassing(ErrorKind kind);

/// QEMU has nothing more of the device, as far as it can be known.
bool isCleared(const Observed& seen);
/// The guest is asked by QEMU itself, as libvirt knows nothing of the device; nobody tells when it has let go.
Next clearQemu(const Observed& seen);

/// The device is to be plugged into a VM that is known here.
Next nextOfPlug(const Plan& plan, const Observed& seen);
/// Nobody knows whether the attach did anything.
bool effectIsUnknown(const Observed& seen);
Next settlesFailedPlug(const Observed& seen);

/// The device is to leave a VM that is known here.
Next nextOfUnplug(const Plan& plan, const Observed& seen);
/// As cancelled.
Next stopsAsking();

} // namespace hotplug
