#pragma once

#include "faults/crash_point.h"
#include "support/libvirtd.h"
#include "support/test_vm.h"

#include <memory>

namespace hotplug::test {

/// Whose libvirt it is: a libvirtd, which goes on when hotplugd dies, or hotplugd's own, which dies with it.
enum class LibvirtKind { Private, Embedded };

std::string name(LibvirtKind libvirt);

/// A host with a guest and a hotplugd that dies where it is told to.
class CrashGround {
public:
    CrashGround(LibvirtKind libvirt, bool deaf);
    ~CrashGround();
    CrashGround(const CrashGround&) = delete;
    CrashGround& operator=(const CrashGround&) = delete;

    /// While hotplugd is down: as if libvirt had died before it wrote the device down.
    void forgetInDefinition(const std::string& alias);

    /// libvirt 9.0 that has died while it cleared up behind a device cannot do so once more when it is back, and ends the
    /// VM: "shutting down, reason=daemon".
    bool endedByLibvirt() const;

    /// All that QEMU has of devices, block nodes and netdevs, and how many descriptors, whoever they belong to.
    Snapshot census();

    const LibvirtKind libvirt;
    TestHost host;
    const std::unique_ptr<Libvirtd> libvirtd;        ///< Made before the daemon, which is to find it.
    Hotplugd daemon;
    TestVm vm;
    const CrashOrders orders;
};

} // namespace hotplug::test
