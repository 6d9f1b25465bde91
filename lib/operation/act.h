#pragma once

#include "hypervisor/hypervisor.h"
#include "libvirtxml/domain.h"
#include "operation/next.h"

namespace hotplug {

/// Distils what one read says about a plan's device.
Sight look(const Plan& plan, const Domain& domain);

/// Carries out one act that is a call of the hypervisor, with the VM as `domain` and the device as `seen` last showed it;
/// AskQemu adds what it finds to `seen`. Throws HypervisorError.
void perform(Hypervisor& hypervisor, Act act, const Plan& plan, const Domain& domain, Observed& seen);

} // namespace hotplug
