#pragma once

#include "hypervisor/hypervisor.h"

#include <memory>
#include <string>

namespace hotplug {

struct LibvirtOptions {
    std::string uri = "qemu:///system";         ///< Also `qemu:///embed?root=DIR`, for which no libvirtd is needed.
    unsigned keepaliveSeconds = 5, keepaliveCount = 3;      ///< SPEC K7; unused on embed.
};

/// Connects, starts the event loop thread and returns the adapter. Throws HypervisorError{Unavailable} when the first
/// connection fails. Later losses are reported as events and mended in the background, with back-off.
/// One embed root, and one event loop, per process; the first call ignores SIGPIPE for the whole process and, unless
/// libvirt's log is configured by environment, sets LIBVIRT_DEBUG: call it before other threads read the environment.
std::unique_ptr<Hypervisor> connectLibvirt(const LibvirtOptions& options);

} // namespace hotplug
