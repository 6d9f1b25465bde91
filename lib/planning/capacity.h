#pragma once

#include "libvirtxml/domain.h"
#include "planning/planning.h"

#include <string>
#include <vector>

namespace hotplug {

/// Why no more of something fits, and what to do about it.
struct Blocker {
    std::string of;                             ///< What it blocks, by the names of Capacity::counts().
    Reason reason;                              ///< As the plug would be refused with.
    std::string sentence;
};

/// How many devices still fit (SPEC C3): as many plugs of one kind alone as would now succeed, one after the other.
/// virtio disks and NICs share the free PCI ports.
struct Capacity {
    unsigned virtioDisks = 0, nics = 0;         ///< rtl8139 and e1000 may fit beyond these, on conventional bridges.
    unsigned scsiUnits = 0;                     ///< SCSI disks and LUNs, on the controllers that exist.
    unsigned sataUnits = 0, ideUnits = 0;       ///< Units of a definition: nothing is hot plugged there (SPEC P4).
    std::vector<Blocker> blockers;

    Counts counts() const;
};

/// Pure, and as cheap as the VM has devices. Counts for the running VM and its definition together, for a stopped VM in
/// its definition. What keeps a VM from being changed at all (not Up, records unreadable) blocks all that is hot
/// plugged, and the counts stand beside it. SATA and IDE block when their controllers are full; a VM without such a
/// controller lacks nothing.
Capacity capacityOf(const Domain& domain);

} // namespace hotplug
