#pragma once

#include "storage/block_devices.h"
#include "storage/image_roots.h"

#include <string>

namespace hotplug {

/// What QEMU may be given: files inside the roots, and devices by their names.
struct Fence {
    ImageRoots roots;
    BlockDevices devices;
};

} // namespace hotplug
