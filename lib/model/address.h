#pragma once

#include <compare>
#include <string>
#include <variant>

namespace hotplug {

/// Where a device sits on PCI.
struct PciAddress {
    unsigned domain = 0, bus = 0, slot = 0, function = 0;

    auto operator<=>(const PciAddress&) const = default;
    std::string str() const;            ///< `0000:05:00.0`, as lspci and the guest write it.
};

/// Where a disk sits behind a SCSI, SATA or IDE controller.
struct DriveAddress {
    unsigned controller = 0, bus = 0, target = 0, unit = 0;

    auto operator<=>(const DriveAddress&) const = default;
    std::string str() const;            ///< `0:0:0:3`: controller, bus, target, unit.
};

using Address = std::variant<PciAddress, DriveAddress>;

std::string str(const Address& address);

} // namespace hotplug
