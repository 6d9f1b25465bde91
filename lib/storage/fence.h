#pragma once

#include "storage/block_devices.h"
#include "storage/image_roots.h"

#include <string>

namespace hotplug {

/// What QEMU may be given: files inside the roots, and devices by their names.
struct Fence {
    ImageRoots roots;
    BlockDevices devices;

    /// What hangs together with a path as written: its root, or the allowed device itself; empty: everywhere else.
    std::string placeOf(const std::string& path) const;
};

} // namespace hotplug
