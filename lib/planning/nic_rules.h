#pragma once

#include "planning/planning.h"

namespace hotplug {

/// SPEC B9: a NIC of its kind and model can be what it is asked to be. libvirt would refuse the rest, or ignore it
/// silently.
void requireFittingNic(const NicRequest& nic);

} // namespace hotplug
