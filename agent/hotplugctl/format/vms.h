#pragma once

#include "hotplugctl/command.h"

namespace hotplug::ctl {

void showVms(const Shown& shown);           ///< The result of listVms.
void showVm(const Shown& shown);            ///< The result of getVm.

} // namespace hotplug::ctl
