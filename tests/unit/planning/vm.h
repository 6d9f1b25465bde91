#pragma once

#include "support/catch.h"

#include "base/reason.h"
#include "libvirtxml/domain.h"

#include <optional>
#include <string>
#include <vector>

namespace hotplug::test {

// Documents of VMs as libvirtxml would read them, built piece by piece.

/// Root ports 1 to `ports`, all free, and a virtio-scsi controller 0 on pcie.0.
Definition q35(unsigned ports);
/// pci.0 with the chipset's IDE in slot 1 and a virtio-scsi controller 0 in slot 3.
Definition pc();

Controller& addController(Definition& document, const std::string& type, const std::string& model, unsigned index);
DomainDisk& addDisk(Definition& document, const std::string& target, const std::string& bus, const std::string& alias,
    const std::optional<Address>& address = std::nullopt);
DomainNic& addNic(Definition& document, const std::string& mac, const std::string& alias,
    const std::optional<Address>& address = std::nullopt);
/// Something else than a disk or NIC that sits there.
void occupy(Definition& document, const Address& address, const std::string& holder);
/// A virtio disk in each of the root ports `first` to `last`.
void fillPorts(Definition& document, unsigned first, unsigned last);

/// A running VM; its definition is empty for a transient one.
Domain running(const Definition& live, const std::optional<Definition>& config);
/// A running VM whose definition is as the live document.
Domain persistent(const Definition& both);
Domain transient(const Definition& live);

/// An image by its path, and by further names that lead to it; the first is the caller's.
HostSource fileSource(const std::string& path, std::vector<std::string> names = {});

inline DeviceId idOf(const std::string& text) { return DeviceId::parse(text).value(); }
inline Mac macOf(const std::string& text) { return Mac::parse(text).value(); }

/// The refusal that `action` must end with.
template<typename Action> Refusal refusalOf(Action&& action)
{
    try {
        action();
    } catch (const Refusal& refusal) {
        return refusal;
    }
    FAIL("nothing was refused");
    throw std::logic_error("not reached");
}

} // namespace hotplug::test

template<> struct Catch::StringMaker<hotplug::PciAddress> {
    static std::string convert(const hotplug::PciAddress& address) { return address.str(); }
};
template<> struct Catch::StringMaker<hotplug::DriveAddress> {
    static std::string convert(const hotplug::DriveAddress& address) { return address.str(); }
};
template<> struct Catch::StringMaker<hotplug::Reason> {
    static std::string convert(hotplug::Reason reason) { return std::string(hotplug::nameOf(reason)); }
};
