#pragma once

#include "planning/planning.h"

namespace hotplug {

/// What the plans of disks and NICs have in common; the rest is filled in by the caller.
Plan plugPlan(const Domain& domain, const DeviceId& id, DeviceKind kind, bool persist, const Address& address);

} // namespace hotplug
