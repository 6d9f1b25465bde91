#pragma once

#include "model/device.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace hotplug {

/// The namespace of our document in a VM's metadata.
inline constexpr const char* recordSpace = "urn:hotplugd:vm:1";

/// What hotplugd remembers of one device, inside the VM's own metadata (DESIGN, invariant 2).
struct DeviceRecord {
    DeviceId id;
    DeviceKind kind = DeviceKind::Disk;
    bool plugged = true;
    bool persist = true;                        ///< Also in the persistent definition.
    std::string source;                         ///< Disk: path as the caller named it (a hint); NIC: bridge.
    std::string serial;                         ///< Disks only, may be empty.
    std::string mac;                            ///< NICs only.
    std::string address;                        ///< As seen live after the plug (SPEC B6).

    bool operator==(const DeviceRecord&) const = default;
};

/// All records of one VM. Of the live and the persistent copy the one with the higher counter wins.
struct VmRecord {
    static constexpr unsigned currentVersion = 1;

    std::uint64_t counter = 0;
    std::vector<DeviceRecord> devices;

    const DeviceRecord* find(const DeviceId& id) const;
    /// Of the next copy. The largest one stays: only somebody's hand can have written it, and a 0 after it would lose
    /// against every copy that is left. Of equal counters the live copy wins.
    std::uint64_t nextCounter() const { return counter + (counter < std::numeric_limits<std::uint64_t>::max() ? 1 : 0); }
    bool operator==(const VmRecord&) const = default;
};

} // namespace hotplug
