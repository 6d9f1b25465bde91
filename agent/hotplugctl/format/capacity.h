#pragma once

#include "hotplugctl/command.h"

namespace hotplug::ctl {

/// The result of capacity: what still fits of each kind, and below it what blocks and what to do.
void showCapacity(const Shown& shown);

} // namespace hotplug::ctl
