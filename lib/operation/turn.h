#pragma once

#include "hypervisor/hypervisor.h"
#include "journal/journal.h"
#include "operation/change.h"
#include "operation/change_permits.h"

#include <functional>
#include <memory>
#include <optional>

namespace hotplug {

/// Before what could not be done for want of something that is not the VM's is tried again.
inline constexpr std::chrono::seconds retryPause{1};

/// What a turn works with.
struct TurnTools {
    Hypervisor& hypervisor;
    Journal& journal;
    ChangePermits& permits;
    std::function<Clock::time_point()> now;
    /// Addresses of this VM that guests have let go of so lately that they may still eject what is plugged there.
    std::function<std::vector<Address>(const Uuid& vm)> restingAddresses;
    /// The open operation of this VM with this goal and alias, if any but the one that asks.
    std::function<std::shared_ptr<Change>(const Uuid& vm, Goal, const Alias&)> openOperation;
};

/// One turn of a change in its VM's lane: plans it if that is still to do, then acts until it is settled or has to
/// wait. Returns when to look again; empty: it is settled. Never throws: it settles.
std::optional<Clock::time_point> takeTurn(Change& change, TurnTools& tools);

} // namespace hotplug
