#pragma once

#include "hypervisor/hypervisor.h"
#include "libvirtxml/domain.h"

namespace hotplug {

/// What a plug that libvirt did not live to finish has left in QEMU (DESIGN, invariant 1).
struct QemuLeftovers {
    bool device = false;                        ///< The guest may use it, though the live XML lacks it.
    std::vector<QemuBackend> backends;          ///< They keep its storage or network open.

    bool none() const { return !device && backends.empty(); }
};

/// Of a device that is not in the live XML. A block node counts when no disk of the XML accounts for it, whosever it was:
/// nothing of libvirt's is under way behind a barrier. A NIC's taps, which nobody lists, are always among them.
QemuLeftovers findLeftovers(const QemuView& qemu, const Plan& plan, const Definition& live);

} // namespace hotplug
