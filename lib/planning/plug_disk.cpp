#include "libvirtxml/device_xml.h"
#include "planning/bus_matrix.h"
#include "planning/lost_device.h"
#include "planning/plug_parts.h"
#include "planning/preconditions.h"
#include "planning/source_use.h"
#include "planning/uniqueness.h"

#include <algorithm>
#include <fmt/format.h>

namespace hotplug {

namespace {

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

/// SPEC A4: what the caller gave, else the image's id, else the device's; a lun has its own.
std::string decideSerial(const DiskRequest& disk, const DeviceId& id)
{
    if (disk.device == DiskDevice::Lun)
        return {};
    if (disk.serial) {
        requirePlainSerial(*disk.serial, disk.bus);
        return *disk.serial;
    }
    const auto* image = std::get_if<ImageQuartet>(&disk.source);
    return image ? image->image.str() : id.str();
}

Address chooseAddress(const Domain& domain, const DiskRequest& disk, bool persist)
{
    if (disk.bus == Bus::Scsi)
        return chooseScsiAddress(domain, disk.address, persist);
    return choosePciAddress(domain, disk.address, persist);
}

DeviceId idOf(const Domain& domain, const DiskRequest& disk, const DiskFacts& facts)
{
    return disk.id ? *disk.id : DeviceId::derive(domain.live->uuid, facts.source.names.front());
}

/// Whether a disk of the definition is the one that is asked for, and can be as it is there.
bool isAskedFor(const DomainDisk& defined, const DeviceId& id, const DiskRequest& disk, const DiskFacts& facts)
{
    const auto& names = facts.source.names;
    const bool sameSource = std::ranges::any_of(defined.sources,
        [&names](const std::string& layer) { return std::ranges::find(names, layer) != names.end(); });
    return sameSource && defined.bus == name(disk.bus) && defined.address && defined.serial == decideSerial(disk, id)
        && (!disk.address || disk.address == defined.address);
}

Plan planNewDisk(const Domain& domain, const DiskRequest& disk, const DiskFacts& facts, std::optional<bool> persist)
{
    const bool both = decidePersist(domain, persist);
    const auto& asked = facts.source.names.front();
    const auto id = idOf(domain, disk, facts);
    requireNewDevice(domain, id);
    requireNewSource(domain, disk, facts.source);
    requireUnusedElsewhere(disk, facts);
    const auto serial = decideSerial(disk, id);
    requireNewSerial(domain, serial, disk.bus);
    requireNewBootOrder(domain, disk.bootOrder, both);

    const auto address = chooseAddress(domain, disk, both);
    auto plan = plugPlan(domain, id, DeviceKind::Disk, both, address);
    plan.target = chooseTarget(domain, disk.bus, disk.index);
    plan.record->source = asked;
    plan.record->serial = serial;
    plan.deviceXml = printDisk(disk, {plan.alias, address, plan.target, serial, facts.source});
    return plan;
}

/// At the address and by the target name that the definition has for it.
Plan planLostDisk(const Domain& domain, const DomainDisk& defined, DiskRequest disk, const DiskFacts& facts,
    std::optional<bool> persist)
{
    disk.address = defined.address;
    disk.index = targetIndex(defined.target);
    auto plan = planNewDisk(withoutDefined(domain, defined.alias), disk, facts, persist);
    spareDefinition(plan);
    return plan;
}

} // namespace

Plan planPlugDisk(const Domain& domain, const DiskRequest& disk, const DiskFacts& facts, std::optional<bool> persist)
{
    requireChangeable(domain);
    requireHotpluggable(disk, facts.source);
    const auto id = idOf(domain, disk, facts);
    const auto* lost = findLostDisk(domain, id);
    return lost && isAskedFor(*lost, id, disk, facts) ? planLostDisk(domain, *lost, disk, facts, persist)
                                                      : planNewDisk(domain, disk, facts, persist);
}

} // namespace hotplug
