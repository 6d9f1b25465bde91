#include "operation/device_drift.h"
#include "verbs/change.h"

#include <algorithm>

namespace hotplug::verbs {

namespace {

/// What is known of a device beside the XML element itself.
struct Surroundings {
    const Domain& domain;
    const std::vector<OpenOperation>& open;
};

bool isUnderWay(const std::vector<OpenOperation>& open, Goal goal, const Alias& alias)
{
    return std::ranges::any_of(open, [&](const OpenOperation& one) { return one.plan->goal == goal && one.plan->alias == alias; });
}

/// SPEC K8: drift is shown, never repaired unasked.
void judge(DeviceView& view, const Surroundings& around)
{
    view.id = view.alias.deviceId();
    const auto drift = driftOf(around.domain, view.alias);
    view.problem = sentenceFor(drift, recordOf(around.domain, view.alias));
    if (view.id && !around.domain.recordsProblem.empty())
        view.problem = "hotplugd's records of this VM cannot be read; see getVm";
    if (isUnderWay(around.open, Goal::Unplug, view.alias))
        view.state = DeviceState::Unplugging;
    else if (isUnderWay(around.open, Goal::Plug, view.alias))
        view.state = DeviceState::Plugging;
    else if (drift != Drift::None)
        view.state = DeviceState::Drifted;
}

DeviceView viewOf(const DomainDisk& disk)
{
    DeviceView view;
    view.kind = DeviceKind::Disk;
    view.alias = disk.alias;
    view.address = disk.address;
    view.target = disk.target;
    view.serial = disk.serial;
    view.source = disk.sources.empty() ? std::string() : disk.sources.front();
    view.model = disk.bus;
    return view;
}

/// Whether a live device and one of the definition are the same: by alias, where the definition has one.
bool isTwin(const DomainDisk& live, const DomainDisk& defined)
{
    return defined.alias.empty() ? live.target == defined.target : live.alias == defined.alias;
}

bool isTwin(const DomainNic& live, const DomainNic& defined)
{
    return defined.alias.empty() ? live.mac == defined.mac : live.alias == defined.alias;
}

DeviceView viewOf(const DomainNic& nic)
{
    DeviceView view;
    view.kind = DeviceKind::Nic;
    view.alias = nic.alias;
    view.address = nic.address;
    view.target = nic.target;
    view.mac = nic.mac ? nic.mac->str() : std::string();
    view.source = nic.source;
    view.model = nic.model;
    return view;
}

/// A record whose device the running VM does not have: unplugged, or gone behind our back.
DeviceView viewOf(const DeviceRecord& record, const Surroundings& around)
{
    DeviceView view;
    view.id = record.id;
    view.kind = record.kind;
    view.alias = Alias::of(record.id);
    view.serial = record.serial;
    view.mac = record.mac;
    view.source = record.source;
    view.plugged = false;
    view.state = DeviceState::Unplugged;
    if (isUnderWay(around.open, Goal::Plug, view.alias))
        view.state = DeviceState::Plugging;
    else if (isUnderWay(around.open, Goal::Unplug, view.alias))
        view.state = DeviceState::Unplugging;   // it has let go, and the rest is being cleared away
    else if (const auto drift = driftOf(around.domain, view.alias); drift != Drift::None) {
        view.state = DeviceState::Drifted;
        view.problem = sentenceFor(drift, &record);
    }
    return view;
}

/// Others have put it into the definition of a VM that runs without it: it comes with the next start.
template<typename Device>
void appendDefined(std::vector<DeviceView>& views, const std::vector<Device>& defined, const std::vector<Device>& live)
{
    for (const auto& device : defined) {
        const bool listed = std::ranges::any_of(views,
            [&](const DeviceView& view) { return !device.alias.empty() && view.alias == device.alias; });
        if (listed || std::ranges::any_of(live, [&](const Device& one) { return isTwin(one, device); }))
            continue;
        auto view = viewOf(device);
        view.id = view.alias.deviceId();
        view.plugged = false;
        view.state = DeviceState::Drifted;
        view.problem = sentenceFor(Drift::ConfigOnly, nullptr);
        views.push_back(view);
    }
}

void appendDefined(std::vector<DeviceView>& views, const Surroundings& around)
{
    const auto& domain = around.domain;
    if (!domain.live || !domain.config || !domain.recordsProblem.empty())
        return;
    appendDefined(views, domain.config->disks, domain.live->disks);
    appendDefined(views, domain.config->nics, domain.live->nics);
}

/// A plug that libvirt has not finished: neither in the XML nor recorded yet.
void appendUnderWay(std::vector<DeviceView>& views, const Surroundings& around)
{
    for (const auto& operation : around.open)
        if (operation.plan->goal == Goal::Plug
            && std::ranges::none_of(views, [&](const DeviceView& view) { return view.alias == operation.plan->alias; }))
            views.push_back(verbs::viewOf(*operation.plan, DeviceState::Plugging));
}

void appendRecorded(std::vector<DeviceView>& views, const Surroundings& around)
{
    for (const auto& record : around.domain.records.devices)
        if (std::ranges::none_of(views, [&](const DeviceView& view) { return view.id == record.id; }))
            views.push_back(viewOf(record, around));
}

void askTheGuest(Context& context, const Uuid& vm, std::vector<DeviceView>& views)
{
    constexpr milliseconds patience{250};
    std::vector<std::string> targets;
    std::vector<DeviceView*> disks;
    for (auto& view : views)
        if (view.kind == DeviceKind::Disk) {
            targets.push_back(view.target);
            disks.push_back(&view);
        }
    const auto seen = context.guestReads.look(vm, targets, patience);
    for (std::size_t i = 0; i < disks.size(); ++i)
        disks[i]->guestSeen = seen[i];
}

} // namespace

std::vector<DeviceView> listDevices(Context& context, const Uuid& vm)
{
    // Operations first: one that settles between the two reads shows its result, never a stale state.
    const auto open = context.operations.open(vm);
    const auto domain = readDomain(context, vm);
    const Surroundings around{domain, open};
    std::vector<DeviceView> views;
    for (const auto& disk : domain.any().disks)
        views.push_back(viewOf(disk));
    for (const auto& nic : domain.any().nics)
        views.push_back(viewOf(nic));
    for (auto& view : views)
        judge(view, around);
    if (domain.live)
        askTheGuest(context, vm, views);
    appendRecorded(views, around);
    appendUnderWay(views, around);
    appendDefined(views, around);
    return views;
}

} // namespace hotplug::verbs
