#include "libvirtxml/device_xml.h"
#include "planning/planning.h"
#include "planning/preconditions.h"
#include "planning/uniqueness.h"

#include <algorithm>
#include <fmt/format.h>

namespace hotplug {

namespace {

/// SPEC C1: what hot plug knows; everything else is refused before libvirt sees it.
void requireHotpluggable(Bus bus)
{
    if (bus != Bus::Virtio && bus != Bus::Scsi)
        throw Refusal(Reason::BusNotHotpluggable,
            fmt::format("a disk on the {} bus cannot be plugged into a running VM; use virtio or scsi", name(bus)))
            .at("/iface");
}

/// SPEC C9: a serial that the caller chose must reach the guest as it is.
void requirePlainSerial(const std::string& serial, Bus bus)
{
    const auto plain = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
            || std::string_view("_.+-").find(c) != std::string_view::npos;
    };
    if (serial.empty() || !std::ranges::all_of(serial, plain))
        throw Refusal(Reason::InvalidParameter, "a serial is made of A-Z a-z 0-9 _ . + -").at("/serial");
    if (serial.size() > maxSerial(bus))
        throw Refusal(Reason::SerialTooLong,
            fmt::format("the serial has {} characters, the {} bus carries {}", serial.size(), name(bus), maxSerial(bus)))
            .at("/serial");
}

std::string decideSerial(const DiskRequest& disk, const DeviceId& id)
{
    if (!disk.serial)
        return id.str();
    requirePlainSerial(*disk.serial, disk.bus);
    return *disk.serial;
}

Address chooseAddress(const Domain& domain, const DiskRequest& disk, bool persist)
{
    if (disk.bus == Bus::Scsi)
        return chooseScsiAddress(domain, disk.address, persist);
    return choosePciAddress(domain, disk.address, persist);
}

DeviceRecord recordOf(const DeviceId& id, DeviceKind kind, bool persist, const Address& address)
{
    return {.id = id, .kind = kind, .plugged = true, .persist = persist, .source = {}, .serial = {}, .mac = {},
        .address = str(address)};
}

Plan plugPlan(const Domain& domain, const DeviceId& id, DeviceKind kind, bool persist, const Address& address)
{
    Plan plan;
    plan.vm = domain.live->uuid;
    plan.goal = Goal::Plug;
    plan.kind = kind;
    plan.device = id;
    plan.alias = Alias::of(id);
    plan.address = address;
    plan.persist = persist;
    plan.record = recordOf(id, kind, persist, address);
    return plan;
}

} // namespace

Plan planPlugDisk(const Domain& domain, const DiskRequest& disk, const HostSource& source, std::optional<bool> persist)
{
    requireChangeable(domain);
    requireHotpluggable(disk.bus);
    const bool both = decidePersist(domain, persist);
    const auto id = disk.id ? *disk.id : DeviceId::derive(domain.live->uuid, disk.path);
    requireNewDevice(domain, id);
    requireNewSource(domain, disk.path, source);
    const auto serial = decideSerial(disk, id);
    requireNewSerial(domain, serial, disk.bus);
    requireNewBootOrder(domain, disk.bootOrder, both);

    const auto address = chooseAddress(domain, disk, both);
    auto plan = plugPlan(domain, id, DeviceKind::Disk, both, address);
    plan.target = chooseTarget(domain, disk.bus, disk.index);
    plan.record->source = disk.path;
    plan.record->serial = serial;
    plan.deviceXml = printDisk(disk, {plan.alias, address, plan.target, serial, source});
    return plan;
}

Plan planPlugNic(const Domain& domain, const NicRequest& nic, std::optional<bool> persist)
{
    requireChangeable(domain);
    const bool both = decidePersist(domain, persist);
    const auto mac = nic.mac ? *nic.mac : Mac::random();
    const auto id = nic.id ? *nic.id : DeviceId::derive(domain.live->uuid, mac.str());
    requireNewDevice(domain, id);
    requireNewMac(domain, mac);
    requireNewBootOrder(domain, nic.bootOrder, both);

    const auto address = choosePciAddress(domain, nic.address, both);
    auto plan = plugPlan(domain, id, DeviceKind::Nic, both, address);
    plan.record->source = nic.bridge;
    plan.record->mac = mac.str();
    plan.deviceXml = printNic(nic, {plan.alias, address, mac});
    return plan;
}

} // namespace hotplug
