#pragma once

#include "planning/planning.h"

#include <string_view>

namespace hotplug {

/// Whether disks come and go on a bus, by libvirt's name for it, while the VM runs (SPEC C1).
bool takesHotPlug(std::string_view bus);

/// SPEC C1: the bus takes such a device while the VM runs. And what it is asked to be, this storage can be.
void requireHotpluggable(const DiskRequest& disk, const HostSource& source);

} // namespace hotplug
