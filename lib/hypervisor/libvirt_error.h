#pragma once

#include "hypervisor/hypervisor.h"

namespace hotplug {

/// What libvirt said last on this thread, classified; forgets it.
HypervisorError lastLibvirtError();

} // namespace hotplug
