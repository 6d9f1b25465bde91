#pragma once

#include "hypervisor/hypervisor.h"
#include "libvirtxml/domain.h"
#include "operation/next.h"

namespace hotplug {

/// Distils what one read says about a plan's device.
Sight look(const Plan& plan, const Domain& domain);

/// Carries out one act that is a libvirt call, with the VM as `domain` last showed it. Throws HypervisorError.
void perform(Hypervisor& hypervisor, Act act, const Plan& plan, const Domain& domain);

} // namespace hotplug
