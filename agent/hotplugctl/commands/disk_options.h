#pragma once

#include "hotplugctl/command.h"

namespace hotplug::ctl {

/// The options that name a disk's storage: `--source`, `--guid`, `--uuid`, `--image`.
std::vector<Option> sourceOptions();
std::vector<std::string> sourceNames();

/// The request of a command about disks: the storage as it was named under the verb's `drive`, or with `--file` the
/// file's drives, one or a list. Throws UsageError, also when `--file` and options of a drive are mixed.
Request diskRequest(const Command& command, const Arguments& arguments, std::istream& in);

} // namespace hotplug::ctl
