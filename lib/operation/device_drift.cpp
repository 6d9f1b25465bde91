#include "operation/device_drift.h"

#include <algorithm>

namespace hotplug {

namespace {

template<typename Device> const Device* find(const std::vector<Device>& devices, const Alias& alias)
{
    const auto found = std::ranges::find(devices, alias, &Device::alias);
    return found == devices.end() ? nullptr : &*found;
}

bool has(const std::optional<Definition>& document, const Alias& alias)
{
    return document && (find(document->disks, alias) || find(document->nics, alias));
}

std::string liveAddress(const Definition& live, const Alias& alias)
{
    const auto* disk = find(live.disks, alias);
    const auto* nic = find(live.nics, alias);
    const auto address = disk ? disk->address : nic ? nic->address : std::nullopt;
    return address ? str(*address) : std::string();
}

Drift driftOfUnrecorded(const Domain& domain, const Alias& alias)
{
    if (isLive(domain, alias) || (!domain.live && isDefined(domain, alias)))
        return Drift::NoRecord;
    return isDefined(domain, alias) ? Drift::ConfigOnly : Drift::None;
}

Drift driftOfLive(const Domain& domain, const Alias& alias, const DeviceRecord& record)
{
    if (!record.plugged)
        return Drift::PluggedByOthers;
    if (record.persist && domain.persistent() && !isDefined(domain, alias))
        return Drift::ConfigLost;
    const auto address = liveAddress(*domain.live, alias);
    return address.empty() || record.address.empty() || address == record.address ? Drift::None : Drift::Moved;
}

} // namespace

bool isLive(const Domain& domain, const Alias& alias)
{
    return has(domain.live, alias);
}

bool isDefined(const Domain& domain, const Alias& alias)
{
    return has(domain.config, alias);
}

const DeviceRecord* recordOf(const Domain& domain, const Alias& alias)
{
    const auto id = alias.deviceId();
    return id ? domain.records.find(*id) : nullptr;
}

Drift driftOf(const Domain& domain, const Alias& alias)
{
    if (!alias.deviceId() || !domain.recordsProblem.empty())
        return Drift::None;
    const auto* record = recordOf(domain, alias);
    if (!record)
        return driftOfUnrecorded(domain, alias);
    if (isLive(domain, alias))
        return driftOfLive(domain, alias, *record);
    // What was plugged with persist:false has gone with a stop of the VM, and is remembered to be plugged again.
    if (!record->plugged || (!record->persist && domain.persistent()))
        return Drift::None;
    if (domain.live)
        return Drift::LiveLost;
    return isDefined(domain, alias) ? Drift::None : Drift::ConfigLost;
}

std::string sentenceFor(Drift drift, const DeviceRecord* record)
{
    switch (drift) {
    case Drift::NoRecord: return "hotplugd has no record of it";
    case Drift::PluggedByOthers: return "somebody else has plugged it";
    case Drift::LiveLost: return "the running VM has lost it";
    case Drift::ConfigLost: return "the definition has lost it";
    case Drift::ConfigOnly: return "somebody else has put it into the definition: it comes with the next start";
    case Drift::Moved: return "it has moved from " + record->address;
    case Drift::None: break;
    }
    return {};
}

} // namespace hotplug
