#include "operation/act.h"

#include <algorithm>
#include <stdexcept>

namespace hotplug {

namespace {

/// libvirt gives the aliases of others' devices to their successors: those count only with their own source.
bool isDevice(const Plan& plan, const DomainDisk& disk)
{
    return plan.device || plan.source.empty() || std::ranges::find(disk.sources, plan.source) != disk.sources.end();
}

bool isDevice(const Plan& plan, const DomainNic& nic)
{
    return plan.device || (nic.mac && nic.mac->str() == plan.source);
}

bool has(const Definition& document, const Plan& plan)
{
    const auto same = [&plan](const auto& device) { return device.alias == plan.alias && isDevice(plan, device); };
    return plan.kind == DeviceKind::Disk ? std::ranges::any_of(document.disks, same)
                                         : std::ranges::any_of(document.nics, same);
}

/// The twin was found by planning; it is there as long as its target and source, or MAC and address, are.
bool hasTwin(const Definition& document, const Plan& plan)
{
    if (plan.configTwin.empty())
        return false;
    if (plan.kind == DeviceKind::Disk)
        return std::ranges::any_of(document.disks,
            [&plan](const DomainDisk& disk) { return disk.target == plan.target && isDevice(plan, disk); });
    return std::ranges::any_of(document.nics,
        [&plan](const DomainNic& nic) { return nic.address == plan.address && isDevice(plan, nic); });
}

/// What spares the definition, an unplug or a plug that is undone, leaves the record there, as unplugged.
bool keepsRecord(const Plan& plan, const Domain& domain)
{
    return !plan.persist && domain.config && has(*domain.config, plan);
}

bool isRecorded(const Plan& plan, const Domain& domain)
{
    // What cannot be read may still name the device: it is not done with.
    if (!domain.recordsProblem.empty())
        return plan.goal == Goal::Unplug;
    const auto* record = plan.device ? domain.records.find(*plan.device) : nullptr;
    // A device given back to the running VM alone: its record is that of the definition, and not the plug's to erase.
    const bool spared = plan.record && plan.record->persist && !plan.persist;
    if (plan.goal == Goal::Plug && spared && !(domain.live && has(*domain.live, plan)))
        return false;
    if (plan.goal == Goal::Plug && plan.record)
        return record && *record == *plan.record;
    return record && (record->plugged || !keepsRecord(plan, domain));
}

Scope wholeScope(const Domain& domain)
{
    if (!domain.live)
        return Scope::Config;
    return domain.config ? Scope::Both : Scope::Live;
}

void write(Hypervisor& hypervisor, const Plan& plan, const Domain& domain, VmRecord records)
{
    records.counter = records.nextCounter();
    hypervisor.writeRecords(plan.vm, wholeScope(domain), printRecords(records));
}

VmRecord without(const Plan& plan, VmRecord records)
{
    std::erase_if(records.devices, [&plan](const DeviceRecord& record) { return record.id == plan.device; });
    return records;
}

VmRecord plugged(const Plan& plan, const Domain& domain)
{
    auto records = without(plan, domain.records);
    if (plan.record)
        records.devices.push_back(*plan.record);
    return records;
}

VmRecord unplugged(const Plan& plan, const Domain& domain)
{
    auto records = without(plan, domain.records);
    if (const auto* record = plan.device ? domain.records.find(*plan.device) : nullptr;
        record && keepsRecord(plan, domain)) {
        records.devices.push_back(*record);
        records.devices.back().plugged = false;
    }
    return records;
}

void detachFromDefinition(Hypervisor& hypervisor, const Plan& plan)
{
    if (plan.configTwin.empty())
        hypervisor.detach(plan.vm, Scope::Config, plan.alias);
    else
        hypervisor.detachTwin(plan.vm, plan.configTwin);
}

} // namespace

Sight look(const Plan& plan, const Domain& domain)
{
    Sight sight;
    sight.active = domain.live.has_value();
    sight.live = domain.live && has(*domain.live, plan);
    sight.config = domain.config && (has(*domain.config, plan) || hasTwin(*domain.config, plan));
    sight.persistent = domain.persistent();
    sight.recordsReadable = domain.recordsProblem.empty();
    sight.recorded = isRecorded(plan, domain);
    return sight;
}

void perform(Hypervisor& hypervisor, Act act, const Plan& plan, const Domain& domain, Observed& seen)
{
    switch (act) {
    case Act::Attach:
        return hypervisor.attach(plan.vm, plan.persist ? Scope::Both : Scope::Live, plan.deviceXml);
    case Act::AttachConfig:
        return hypervisor.attach(plan.vm, Scope::Config, plan.deviceXml);
    case Act::WriteRecord:
        return write(hypervisor, plan, domain, plugged(plan, domain));
    case Act::EraseRecord:
        return write(hypervisor, plan, domain, unplugged(plan, domain));
    case Act::Barrier:
        // The same records again: what matters is that the call waits for whatever libvirt still does to this VM.
        return write(hypervisor, plan, domain, domain.records);
    case Act::AskQemu:
        seen.leftovers = findLeftovers(hypervisor.askQemu(plan.vm), plan, *domain.live);
        return;
    case Act::UnplugFromQemu:
        return hypervisor.unplugFromQemu(plan.vm, plan.alias);
    case Act::DropFromQemu:
        return hypervisor.dropFromQemu(plan.vm, seen.leftovers->backends);
    case Act::DetachLive:
        return hypervisor.detach(plan.vm, Scope::Live, plan.alias);
    case Act::DetachConfig:
        return detachFromDefinition(hypervisor, plan);
    case Act::Replan:
    case Act::GiveUp:
    case Act::Wait:
    case Act::Settle:
        break;
    }
    throw std::logic_error("not a libvirt call");
}

} // namespace hotplug
