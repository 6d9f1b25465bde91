#include "planning/capacity.h"
#include "planning/drive_units.h"
#include "planning/pci_slots.h"
#include "planning/planning.h"

namespace hotplug {

namespace {

template<typename Kind> const Kind* as(const std::optional<Address>& wanted, const char* otherwise)
{
    if (!wanted)
        return nullptr;
    const auto* address = std::get_if<Kind>(&*wanted);
    if (!address)
        throw Refusal(Reason::InvalidParameter, otherwise).at("/address");
    return address;
}

DriveAddress chooseUnit(const Domain& domain, Bus bus, const DriveAddress* wanted, bool persist)
{
    const DriveUnits units(domain, bus, persist);
    if (wanted) {
        units.require(*wanted);
        return *wanted;
    }
    if (const auto free = units.firstFree())
        return *free;
    throw noFreeUnit(bus, units.anyController()).counting(capacityOf(domain).counts());
}

} // namespace

PciAddress choosePciAddress(const Domain& domain, const std::optional<Address>& wanted, bool persist, PciKind kind)
{
    const auto* address = as<PciAddress>(wanted, "a virtio disk or NIC has a PCI address, not a drive address");
    const PciSlots slots(domain, persist);
    if (address) {
        slots.require(*address);
        return *address;
    }
    if (const auto free = slots.firstFree(kind))
        return *free;
    throw noFreePciPort(domain).counting(capacityOf(domain).counts());
}

DriveAddress chooseScsiAddress(const Domain& domain, const std::optional<Address>& wanted, bool persist)
{
    return chooseUnit(domain, Bus::Scsi,
        as<DriveAddress>(wanted, "a scsi disk has a drive address, not a PCI address"), persist);
}

DriveAddress chooseDriveUnit(const Domain& domain, Bus bus, const std::optional<Address>& wanted)
{
    return chooseUnit(domain, bus,
        as<DriveAddress>(wanted, "a sata or ide disk has a drive address, not a PCI address"), false);
}

} // namespace hotplug
