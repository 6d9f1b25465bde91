#include "operation/act.h"

#include <algorithm>
#include <stdexcept>

namespace hotplug {

namespace {

bool hasAlias(const Definition& document, const Alias& alias)
{
    const auto same = [&alias](const auto& device) { return device.alias == alias; };
    return std::ranges::any_of(document.disks, same) || std::ranges::any_of(document.nics, same);
}

/// The twin was found by planning; it is there as long as its target or MAC and address are.
bool hasTwin(const Definition& document, const Plan& plan)
{
    if (plan.configTwin.empty())
        return false;
    return plan.kind == DeviceKind::Disk
        ? std::ranges::find(document.disks, plan.target, &DomainDisk::target) != document.disks.end()
        : std::ranges::find(document.nics, plan.address, &DomainNic::address) != document.nics.end();
}

bool isRecorded(const Plan& plan, const VmRecord& records)
{
    const auto* record = plan.device ? records.find(*plan.device) : nullptr;
    return plan.goal == Goal::Plug && plan.record ? record && (*record == *plan.record) : record != nullptr;
}

Scope wholeScope(const Domain& domain)
{
    if (!domain.live)
        return Scope::Config;
    return domain.config ? Scope::Both : Scope::Live;
}

void writeRecords(Hypervisor& hypervisor, const Plan& plan, const Domain& domain, bool withDevice)
{
    auto records = domain.records;
    ++records.counter;
    if (plan.device)
        std::erase_if(records.devices, [&](const DeviceRecord& record) { return record.id == *plan.device; });
    if (withDevice && plan.record)
        records.devices.push_back(*plan.record);
    hypervisor.writeRecords(plan.vm, wholeScope(domain), printRecords(records));
}

/// The same records again: what matters is that the call waits for whatever libvirt still does to this VM.
void writeBarrier(Hypervisor& hypervisor, const Plan& plan, const Domain& domain)
{
    auto records = domain.records;
    ++records.counter;
    hypervisor.writeRecords(plan.vm, wholeScope(domain), printRecords(records));
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
    sight.live = domain.live && hasAlias(*domain.live, plan.alias);
    sight.config = domain.config && (hasAlias(*domain.config, plan.alias) || hasTwin(*domain.config, plan));
    sight.recorded = isRecorded(plan, domain.records);
    return sight;
}

void perform(Hypervisor& hypervisor, Act act, const Plan& plan, const Domain& domain)
{
    switch (act) {
    case Act::Attach:
        return hypervisor.attach(plan.vm, plan.persist ? Scope::Both : Scope::Live, plan.deviceXml);
    case Act::WriteRecord:
        return writeRecords(hypervisor, plan, domain, true);
    case Act::EraseRecord:
        return writeRecords(hypervisor, plan, domain, false);
    case Act::Barrier:
        return writeBarrier(hypervisor, plan, domain);
    case Act::DetachLive:
        return hypervisor.detach(plan.vm, Scope::Live, plan.alias);
    case Act::DetachConfig:
        return detachFromDefinition(hypervisor, plan);
    case Act::Replan:
    case Act::Wait:
    case Act::Settle:
        break;
    }
    throw std::logic_error("not a libvirt call");
}

} // namespace hotplug
