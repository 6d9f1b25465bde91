#pragma once

#include "base/uuid.h"
#include "model/device.h"

#include <string>

namespace hotplug::test {

/// A q35 VM's XML with `ports` empty pcie-root-ports (buses 1…) and one virtio-scsi controller.
std::string sampleVm(const Uuid& uuid, const std::string& name, unsigned ports = 4);

/// What storage says of a file without layers.
HostSource imageAt(const std::string& path);

} // namespace hotplug::test
