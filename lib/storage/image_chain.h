#pragma once

#include "model/device.h"
#include "storage/fence.h"

#include <string>

namespace hotplug {

/// Walks an image from the top through every layer that QEMU would open with it, and judges each. `path` is absolute.
/// Blocks as long as the storage does. Throws Refusal, as Storage::resolve() says.
HostSource inspectImage(const Fence& fence, const std::string& path, DiskFormat declared);

} // namespace hotplug
