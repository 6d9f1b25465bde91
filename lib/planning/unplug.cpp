#include "libvirtxml/device_xml.h"
#include "planning/bus_matrix.h"
#include "planning/lost_device.h"
#include "planning/planning.h"
#include "planning/preconditions.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace hotplug {

namespace {

/// The identity must be the device's own; a derived id is but one more name for it.
template<typename Device> bool agreesInName(const Device& device, const DeviceQuery& query)
{
    return (!query.id || device.alias == Alias::of(*query.id)) && (!query.alias || device.alias == *query.alias)
        && (!query.address || device.address == query.address);
}

/// What the caller named, and what else is known to tell whether a device is meant.
struct Wanted {
    const DeviceQuery& query;
    const std::vector<std::string>& sourceNames;
    const VmRecord& records;
};

/// Any layer counts, for snapshots put new ones on top; so does the name it was plugged by, which may be a symlink.
bool hasSource(const DomainDisk& disk, const Wanted& wanted)
{
    const auto id = disk.alias.deviceId();
    const auto* record = id ? wanted.records.find(*id) : nullptr;
    return std::ranges::any_of(wanted.sourceNames, [&](const std::string& name) {
        return std::ranges::find(disk.sources, name) != disk.sources.end() || (record && record->source == name);
    });
}

bool agrees(const DomainDisk& disk, const Wanted& wanted)
{
    const auto& query = wanted.query;
    return agreesInName(disk, query) && (!query.source || hasSource(disk, wanted))
        && (!query.serial || disk.serial == *query.serial) && !query.mac;
}

bool agrees(const DomainNic& nic, const Wanted& wanted)
{
    const auto& query = wanted.query;
    return agreesInName(nic, query) && (!query.mac || nic.mac == query.mac) && !query.source && !query.serial;
}

template<typename Device>
std::vector<const Device*> matching(const std::vector<Device>& devices, const Wanted& wanted)
{
    std::vector<const Device*> found;
    for (const auto& device : devices)
        if (agrees(device, wanted))
            found.push_back(&device);
    return found;
}

const std::vector<DomainDisk>& devicesOf(const Definition& document, const DomainDisk*) { return document.disks; }
const std::vector<DomainNic>& devicesOf(const Definition& document, const DomainNic*) { return document.nics; }

bool hasLive(const Definition& live, const Alias& alias)
{
    const auto same = [&alias](const auto& device) { return device.alias == alias; };
    return std::ranges::any_of(live.disks, same) || std::ranges::any_of(live.nics, same);
}

[[noreturn]] void refuseAbsent(const Domain& domain, const DeviceQuery& query, bool known)
{
    const auto id = query.id || !query.alias ? query.id : query.alias->deviceId();
    const auto* record = id ? domain.records.find(*id) : nullptr;
    const bool lives = id && hasLive(*domain.live, Alias::of(*id));
    if (known || (record && record->kind == query.kind && !lives))
        throw Refusal(Reason::NotPlugged, fmt::format("VM {} runs without this {}; nothing to unplug",
            domain.live->name, name(query.kind)));
    throw Refusal(Reason::DeviceNotFound, fmt::format("VM {} has no {} that agrees with all that was named; "
        "list its devices to see what it has", domain.live->name, name(query.kind)));
}

template<typename Device>
std::vector<const Device*> matchingIn(const std::optional<Definition>& document, const Wanted& wanted)
{
    if (!document)
        return {};
    return matching(devicesOf(*document, static_cast<const Device*>(nullptr)), wanted);
}

bool matchesAny(const Domain& domain, const Wanted& wanted)
{
    if (wanted.query.kind == DeviceKind::Disk)
        return !matchingIn<DomainDisk>(domain.live, wanted).empty() || !matchingIn<DomainDisk>(domain.config, wanted).empty();
    return !matchingIn<DomainNic>(domain.live, wanted).empty() || !matchingIn<DomainNic>(domain.config, wanted).empty();
}

/// The definition has it and the running VM has not: the guest ejected it (SPEC K8), or it was unplugged with
/// persist:false. Unplugging it is how the caller has the rest cleared away.
template<typename Device> bool isDrifted(const Domain& domain, const Device& device, const DeviceQuery& query)
{
    const auto id = device.alias.deviceId();
    const auto* record = id ? domain.records.find(*id) : nullptr;
    const bool isNamed = query.id || query.alias;       // with its record lost, there is no other way to be rid of it
    return id && (record ? record->persist : isNamed);
}

/// Exactly one device must agree (SPEC R2): a live one, or one that drifted away.
template<typename Device> const Device& findDevice(const Domain& domain, const Wanted& wanted, bool persist)
{
    const auto live = matchingIn<Device>(domain.live, wanted);
    if (live.size() == 1)
        return *live.front();
    if (live.size() > 1)
        throw Refusal(Reason::AmbiguousDevice,
            fmt::format("{} devices agree with what was named; give the deviceId or the alias", live.size()))
            .against(live.front()->alias.str());
    const auto defined = matchingIn<Device>(domain.config, wanted);
    if (defined.size() == 1 && persist && isDrifted(domain, *defined.front(), wanted.query))
        return *defined.front();
    refuseAbsent(domain, wanted.query, !defined.empty());
}

void requireUnpluggable(const DomainDisk& disk)
{
    if (!takesHotPlug(disk.bus))
        throw Refusal(Reason::BusNotHotpluggable,
            fmt::format("{} is on the {} bus, which does not let a running VM go without it", disk.target, disk.bus))
            .against(disk.alias.str());
}

void requireUnpluggable(const DomainNic&) {}

/// A device that others attached has no alias in the definition: its twin there has the same target and source, or
/// the same MAC and address (SPEC, Words).
std::string twinOf(const Definition& config, const DomainDisk& live)
{
    for (const auto& disk : config.disks)
        if (disk.target == live.target && !disk.sources.empty()
            && std::ranges::find(live.sources, disk.sources.front()) != live.sources.end())
            return printTwin(disk);
    return {};
}

std::string twinOf(const Definition& config, const DomainNic& live)
{
    for (const auto& nic : config.nics)
        if (nic.mac == live.mac && nic.address == live.address)
            return printTwin(nic);
    return {};
}

/// What tells a device apart whose alias libvirt gives to others after it.
std::string identityOf(const DomainDisk& disk)
{
    return disk.sources.empty() ? std::string() : disk.sources.front();
}

std::string identityOf(const DomainNic& nic)
{
    return nic.mac ? nic.mac->str() : std::string();
}

DeviceRecord recordOf(const DeviceId& id, const DomainDisk& disk)
{
    return {.id = id, .kind = DeviceKind::Disk, .source = identityOf(disk), .serial = disk.serial, .mac = {},
        .address = {}};
}

DeviceRecord recordOf(const DeviceId& id, const DomainNic& nic)
{
    return {.id = id, .kind = DeviceKind::Nic, .source = nic.source, .serial = {},
        .mac = identityOf(nic), .address = {}};
}

template<typename Device> Plan unplugPlan(const Domain& domain, const Wanted& wanted, bool persist)
{
    const auto& device = findDevice<Device>(domain, wanted, persist);
    requireUnpluggable(device);
    Plan plan;
    plan.vm = domain.live->uuid;
    plan.goal = Goal::Unplug;
    plan.kind = wanted.query.kind;
    plan.device = device.alias.deviceId();
    plan.alias = device.alias;
    plan.address = device.address;
    plan.target = device.target;
    plan.persist = persist;
    if (plan.device) {
        plan.record = recordOf(*plan.device, device);
        return plan;
    }
    plan.source = identityOf(device);
    if (persist)
        plan.configTwin = twinOf(*domain.config, device);
    return plan;
}

/// Nothing but the record is left to clear away (SPEC K8).
Plan forgettingPlan(const Domain& domain, const DeviceRecord& record, bool persist)
{
    Plan plan;
    plan.vm = domain.live->uuid;
    plan.goal = Goal::Unplug;
    plan.kind = record.kind;
    plan.device = record.id;
    plan.alias = Alias::of(record.id);
    plan.persist = persist;
    plan.record = record;
    return plan;
}

bool namesNothing(const DeviceQuery& query)
{
    return !query.id && !query.alias && !query.source && !query.serial && !query.mac && !query.address;
}

} // namespace

Plan planUnplug(const Domain& domain, const DeviceQuery& query, const std::vector<std::string>& sourceNames,
    std::optional<bool> persist)
{
    requireChangeable(domain);
    if (namesNothing(query))
        throw Refusal(Reason::MissingParameter,
            "nothing says which device: give deviceId, alias, or what identifies it (source, serial, macAddr, address)");
    const bool both = decidePersist(domain, persist);
    const Wanted wanted{query, sourceNames, domain.records};
    if (const auto* lost = findLostRecord(domain, query, sourceNames); lost && !matchesAny(domain, wanted))
        return forgettingPlan(domain, *lost, both);
    return query.kind == DeviceKind::Disk ? unplugPlan<DomainDisk>(domain, wanted, both)
                                          : unplugPlan<DomainNic>(domain, wanted, both);
}

} // namespace hotplug
