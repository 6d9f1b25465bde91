#pragma once

#include "hotplugctl/command.h"

namespace hotplug::ctl {

/// A table of device objects as listDevices and the changing verbs give them, and below it what is odd about them.
std::string devicesTable(const std::vector<Json::Value>& devices, const Style& style);

/// The result of listDevices.
void showDevices(const Shown& shown);

} // namespace hotplug::ctl
