#pragma once

#include "model/device.h"

namespace hotplug {

/// Judges a volume by its words: that they mean one volume of its protocol, and nothing else to QEMU. Connects to
/// nothing. Throws Refusal, its field the key at fault: InvalidParameter; NotSupported for any format but raw. Pure.
HostSource inspectVolume(const NetworkVolume& volume, DiskFormat declared);

/// The reference, and the name by which it is compared.
std::vector<std::string> namesOfVolume(const std::string& reference);

} // namespace hotplug
