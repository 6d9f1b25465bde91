#pragma once

#include "hotplugctl/command.h"

namespace hotplug::ctl {

/// The result of watchEvents: a line per event, nothing without one.
void showEvents(const Shown& shown);

} // namespace hotplug::ctl
