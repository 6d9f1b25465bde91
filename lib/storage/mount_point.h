#pragma once

#include <string>

namespace hotplug {

/// The mount that a path lies on as written, by the kernel's list; no look at the storage itself. What lies on one mount
/// hangs together. `/` when there is nothing closer.
std::string mountPointOf(const std::string& path);

} // namespace hotplug
