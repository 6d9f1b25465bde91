#include "operation/drift.h"

#include "base/log.h"

#include <algorithm>

namespace hotplug {

namespace {

bool isLive(const Domain& domain, const Alias& alias)
{
    const auto same = [&alias](const auto& device) { return device.alias == alias; };
    return std::ranges::any_of(domain.live->disks, same) || std::ranges::any_of(domain.live->nics, same);
}

const DeviceRecord* recordOf(const Domain& domain, const Alias& alias)
{
    const auto id = alias.deviceId();
    return id ? domain.records.find(*id) : nullptr;
}

/// Whether the operation itself is why the device is not there.
bool explainsAbsence(const JournalEntry& entry)
{
    const bool unplugged = entry.intent.goal() == Goal::Unplug && entry.outcome == Outcome::Done;
    const bool undone = entry.outcome == Outcome::Failed && (entry.intent.goal() == Goal::Plug || entry.intent.givenUp);
    return unplugged || undone;
}

/// A lane has nobody to tell.
template<typename Look> void loggingFailures(const Uuid& vm, Look&& look)
{
    try {
        look();
    } catch (const HypervisorError& error) {
        if (error.kind() != ErrorKind::NoDomain)
            spdlog::info("VM {}: cannot look for drift now: {}", vm.str(), error.what());
    } catch (const XmlError& error) {
        spdlog::warn("VM {}: {}", vm.str(), error.what());
    } catch (const JournalError& error) {
        spdlog::error("journal: {}", error.what());
    }
}

} // namespace

void DriftWatch::judge(const Uuid& vm, const Alias& alias)
{
    loggingFailures(vm, [&] {
        const auto xml = hypervisor_.read(vm);
        judge(parseDomain(xml.status, xml.live, xml.config), alias);
    });
}

void DriftWatch::judgeAll(const Uuid& vm)
{
    loggingFailures(vm, [&] {
        const auto xml = hypervisor_.read(vm);
        const auto domain = parseDomain(xml.status, xml.live, xml.config);
        for (const auto& record : domain.records.devices)
            judge(domain, Alias::of(record.id));
    });
}

void DriftWatch::judge(const Domain& domain, const Alias& alias)
{
    if (!domain.live)
        return;
    const auto& vm = domain.live->uuid;
    if (open_.find(vm, Goal::Plug, alias) || open_.find(vm, Goal::Unplug, alias))
        return;
    if (!isLive(domain, alias))
        noteVanished(domain, alias);
    else if (!recordOf(domain, alias))
        noteAppeared(domain, alias);
}

void DriftWatch::noteAppeared(const Domain& domain, const Alias& alias)
{
    note(domain, alias, "somebody else has plugged it");
}

void DriftWatch::noteVanished(const Domain& domain, const Alias& alias)
{
    const auto& vm = domain.live->uuid;
    const auto latest = journal_.findDevice(vm, alias);
    const auto* record = recordOf(domain, alias);
    if ((latest && explainsAbsence(*latest)) || (record && !record->plugged))
        return;
    if (!latest || latest->outcome != Outcome::Cancelled)
        return note(domain, alias, "the guest or somebody else has taken it out");
    if (const auto last = journal_.lastEvent(vm, alias); last && last->kind == EventKind::RemovedAfterCancel)
        return;
    JournalEvent event;
    event.vm = vm;
    event.operation = latest->id;
    event.alias = alias.str();
    event.kind = EventKind::RemovedAfterCancel;
    event.sentence = "the guest has let go after all; the definition keeps the device";
    journal_.note(event);
}

/// Once, however often it is looked at.
void DriftWatch::note(const Domain& domain, const Alias& alias, const std::string& sentence)
{
    const auto& vm = domain.live->uuid;
    if (const auto last = journal_.lastEvent(vm, alias);
        last && last->kind == EventKind::Drift && last->sentence == sentence)
        return;
    spdlog::warn("VM {}: {}: {}", vm.str(), alias.str(), sentence);
    JournalEvent event;
    event.vm = vm;
    event.alias = alias.str();
    event.kind = EventKind::Drift;
    event.sentence = sentence;
    journal_.note(event);
}

} // namespace hotplug
