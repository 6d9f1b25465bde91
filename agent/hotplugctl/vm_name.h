#pragma once

#include "hotplugctl/daemon.h"

namespace hotplug::ctl {

/// The UUID of the VM that the user named by UUID or name. A UUID is taken at its word, without asking; names are
/// unique in libvirt. Throws RpcError VM_NOT_FOUND, in the daemon's own form, when no VM has the name.
std::string vmIdOf(const std::string& uuidOrName, Daemon& daemon, milliseconds wait);

} // namespace hotplug::ctl
