#pragma once

#include "hypervisor/hypervisor.h"

#include <functional>
#include <string>
#include <vector>

namespace hotplug {

/// Sends one command to QEMU's monitor by libvirt (flags as virDomainQemuMonitorCommand takes them) and returns the
/// whole reply. Throws HypervisorError.
using QemuMonitor = std::function<std::string(const std::string& command, unsigned flags)>;

/// The bodies of Hypervisor's methods of the same names.
QemuView askQemu(const QemuMonitor& monitor);
void unplugFromQemu(const QemuMonitor& monitor, const Alias& alias);
void dropFromQemu(const QemuMonitor& monitor, const std::vector<QemuBackend>& backends);

} // namespace hotplug
