#pragma once

#include "libvirtxml/domain.h"
#include "model/device.h"

#include <string>

namespace hotplug {

/// A disk that is decided in every detail.
struct DiskPlacement {
    Alias alias;
    Address address;
    std::string target;                         ///< `vdb`
    std::string serial;                         ///< Written whole; the guest sees maxSerial(bus) of it.
    HostSource source;
};

/// `<disk>` as libvirt takes it for attach: explicit address, target and alias (DESIGN, invariant 8). What the caller
/// left open is as VDSM has it: no cache of the host's, the guest stops when its storage fails.
std::string printDisk(const DiskRequest& request, const DiskPlacement& placement);

struct NicPlacement {
    Alias alias;
    PciAddress address;
    Mac mac;
};

/// `<interface>` as libvirt takes it for attach: bridge, direct (bridgeless, vnlink) or hostdev (sriov, which must name
/// its virtualFunction).
std::string printNic(const NicRequest& request, const NicPlacement& placement);

/// As much of a device in the persistent definition as libvirt needs to find and remove it there.
std::string printTwin(const DomainDisk& disk);
std::string printTwin(const DomainNic& nic);

} // namespace hotplug
