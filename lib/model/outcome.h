#pragma once

#include "base/reason.h"
#include "base/uuid.h"
#include "model/record.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hotplug {

/// How an operation ended, or stands (SPEC, Words).
enum class Outcome { Running, Done, Refused, Failed, Pending, Cancelled, Moved };

/// Not settled yet.
constexpr bool isOpen(Outcome outcome)
{
    return outcome == Outcome::Running || outcome == Outcome::Pending;
}

enum class Goal { Plug, Unplug };

/// A device's state as computed from live XML, record and open operation, never stored (SPEC, Words).
enum class DeviceState { Unplugged, Plugging, Plugged, Unplugging, Drifted };

enum class VmStatus { Down, Running, Paused, ShuttingDown, Crashed, Suspended };

std::string_view name(Outcome outcome);
std::string_view name(Goal goal);
std::string_view name(DeviceState state);
/// VDSM's words, by which engines know them: Down, Up, Paused, Powering down …
std::string_view name(VmStatus status);

/// All that acting needs, decided beforehand: printed by dryRun, kept by the journal, byte for byte.
struct Plan {
    Uuid vm;
    Goal goal = Goal::Plug;
    DeviceKind kind = DeviceKind::Disk;
    std::optional<DeviceId> device;             ///< Empty: a device that others attached.
    Alias alias;
    std::string deviceXml;                      ///< Plug: what is attached. Unplug: empty.
    std::optional<Address> address;
    std::string source;                         ///< Unplug of an alias that is not ours: a disk's source, a NIC's MAC.
    std::string target;                         ///< Disks: `vdb`. NICs: empty, the kernel names the tap.
    bool persist = false;                       ///< Also changes the persistent definition.
    std::optional<DeviceRecord> record;         ///< Plug: what is written once it is live. Unplug: what leaves.
    std::string configTwin;                     ///< Unplug: the device's alias-less twin in the definition, as XML.

    bool operator==(const Plan&) const = default;
};

/// Why a plug of several devices is taken back: how the operation ends once that is done.
struct GivenUp {
    Reason reason = Reason::Internal;
    std::string sentence;
    std::string field;                          ///< Which entry failed: `/1`.

    bool operator==(const GivenUp&) const = default;
};

/// What one operation does: a plan per device, all or none (SPEC R2). Kept by the journal, byte for byte.
struct Intent {
    std::vector<Plan> plans;                    ///< At least one; all of one VM and one goal.
    std::optional<GivenUp> givenUp;             ///< Set: a plug that failed, whose plans now unplug what it had plugged.

    const Uuid& vm() const { return plans.front().vm; }
    Goal goal() const { return plans.front().goal; }
    const Plan* find(const Alias& alias) const; ///< Null when no device of it has this alias.

    bool operator==(const Intent&) const = default;
};

} // namespace hotplug
