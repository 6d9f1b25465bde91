#pragma once

#include "hotplugctl/command.h"

namespace hotplug::ctl {

/// The result of hotplugDisk and hotplugNic: the device as it is now, or what --dry-run would have done.
void showPlugged(const Shown& shown);
/// The result of hotunplugDisk and hotunplugNic, likewise.
void showUnplugged(const Shown& shown);

} // namespace hotplug::ctl
