#include "planning/capacity.h"

#include "planning/drive_units.h"
#include "planning/pci_slots.h"

#include <initializer_list>

namespace hotplug {

namespace {

constexpr const char *virtioDisks = "virtioDisks", *nics = "nics", *scsiUnits = "scsiUnits", *sataUnits = "sataUnits",
                     *ideUnits = "ideUnits";

void block(Capacity& capacity, std::initializer_list<const char*> what, const Refusal& why)
{
    for (const auto* of : what)
        capacity.blockers.push_back({of, why.reason(), why.what()});
}

void judgeVm(const Domain& domain, Capacity& capacity)
{
    try {
        requireChangeable(domain);
    } catch (const Refusal& refusal) {
        block(capacity, {virtioDisks, nics, scsiUnits}, refusal);
    }
}

void countPci(const Domain& domain, Capacity& capacity)
{
    const auto free = PciSlots(domain, domain.persistent()).countFree(PciKind::Express);
    capacity.virtioDisks = capacity.nics = free;
    if (free == 0)
        block(capacity, {virtioDisks, nics}, noFreePciPort(domain));
}

/// A VM without SATA or IDE lacks nothing: no disk is ever plugged there.
unsigned countUnits(const Domain& domain, Bus bus, const char* of, Capacity& capacity)
{
    const DriveUnits units(domain, bus, bus == Bus::Scsi && domain.persistent());
    const auto free = units.countFree();
    if (free == 0 && (bus == Bus::Scsi || units.anyController()))
        block(capacity, {of}, noFreeUnit(bus, units.anyController()));
    return free;
}

} // namespace

Counts Capacity::counts() const
{
    return {{hotplug::virtioDisks, virtioDisks}, {hotplug::nics, nics}, {hotplug::scsiUnits, scsiUnits},
        {hotplug::sataUnits, sataUnits}, {hotplug::ideUnits, ideUnits}};
}

Capacity capacityOf(const Domain& domain)
{
    Capacity capacity;
    judgeVm(domain, capacity);
    countPci(domain, capacity);
    capacity.scsiUnits = countUnits(domain, Bus::Scsi, scsiUnits, capacity);
    capacity.sataUnits = countUnits(domain, Bus::Sata, sataUnits, capacity);
    capacity.ideUnits = countUnits(domain, Bus::Ide, ideUnits, capacity);
    return capacity;
}

} // namespace hotplug
