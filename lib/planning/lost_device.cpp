#include "planning/lost_device.h"

#include "planning/preconditions.h"

#include <algorithm>

namespace hotplug {

namespace {

template<typename Device> const Device* find(const std::vector<Device>& devices, const Alias& alias)
{
    const auto found = std::ranges::find(devices, alias, &Device::alias);
    return found == devices.end() ? nullptr : &*found;
}

bool isLive(const Domain& domain, const Alias& alias)
{
    return find(domain.live->disks, alias) || find(domain.live->nics, alias);
}

bool isAnywhere(const Domain& domain, const Alias& alias)
{
    bool found = false;
    forEachDocument(domain, [&](const Definition& document) {
        found = found || find(document.disks, alias) || find(document.nics, alias);
    });
    return found;
}

bool agrees(const DeviceRecord& record, const DeviceQuery& query, const std::vector<std::string>& sourceNames)
{
    return record.kind == query.kind && (!query.id || record.id == *query.id)
        && (!query.alias || Alias::of(record.id) == *query.alias)
        && (!query.source || std::ranges::find(sourceNames, record.source) != sourceNames.end())
        && (!query.serial || record.serial == *query.serial) && (!query.mac || record.mac == query.mac->str())
        && (!query.address || record.address == str(*query.address));
}

/// What was plugged with persist:false has gone with a stop of the VM, and is remembered to be plugged again.
bool isLost(const Domain& domain, const DeviceRecord& record)
{
    return record.plugged && (record.persist || !domain.persistent()) && !isAnywhere(domain, Alias::of(record.id));
}

} // namespace

const DomainDisk* findLostDisk(const Domain& domain, const DeviceId& id)
{
    const auto alias = Alias::of(id);
    const bool lost = domain.config && domain.records.find(id) && !isLive(domain, alias);
    return lost ? find(domain.config->disks, alias) : nullptr;
}

const DomainNic* findLostNic(const Domain& domain, const DeviceId& id)
{
    const auto alias = Alias::of(id);
    const bool lost = domain.config && domain.records.find(id) && !isLive(domain, alias);
    return lost ? find(domain.config->nics, alias) : nullptr;
}

Domain withoutDefined(Domain domain, const Alias& alias)
{
    auto& config = *domain.config;
    std::erase_if(config.disks, [&alias](const DomainDisk& disk) { return disk.alias == alias; });
    std::erase_if(config.nics, [&alias](const DomainNic& nic) { return nic.alias == alias; });
    std::erase_if(config.pci, [&alias](const PciOccupant& one) { return one.holder == alias.str(); });
    std::erase_if(config.scsi, [&alias](const ScsiOccupant& one) { return one.holder == alias.str(); });
    return domain;
}

void spareDefinition(Plan& plan)
{
    plan.persist = false;
    plan.record->persist = true;
}

const DeviceRecord* findLostRecord(const Domain& domain, const DeviceQuery& query,
    const std::vector<std::string>& sourceNames)
{
    const DeviceRecord* found = nullptr;
    for (const auto& record : domain.records.devices) {
        if (!isLost(domain, record) || !agrees(record, query, sourceNames))
            continue;
        if (found)
            return nullptr;
        found = &record;
    }
    return found;
}

} // namespace hotplug
