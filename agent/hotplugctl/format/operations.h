#pragma once

#include "hotplugctl/command.h"

namespace hotplug::ctl {

void showOperations(const Shown& shown);    ///< The result of listOperations.
void showOperation(const Shown& shown);     ///< The result of getOperation.
void showCancelled(const Shown& shown);     ///< The result of cancelOperation.

} // namespace hotplug::ctl
