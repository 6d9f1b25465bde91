#include "operation/drift.h"

#include "base/log.h"

#include <set>

namespace hotplug {

namespace {

constexpr const char* isBack = "it is again as hotplugd's record says";
constexpr const char* cameBack = "the new definition has it again, which hotplugd had unplugged";

/// Whether the operation itself is why the device is not there.
bool explainsAbsence(const JournalEntry& entry)
{
    const bool unplugged = entry.intent.goal() == Goal::Unplug && entry.outcome == Outcome::Done;
    const bool undone = entry.outcome == Outcome::Failed && (entry.intent.goal() == Goal::Plug || entry.intent.givenUp);
    return unplugged || undone;
}

/// Just after its own restart libvirt's XML can still show what has left.
bool hasJustLeft(const JournalEntry& entry)
{
    constexpr std::chrono::minutes justNow{1};
    return explainsAbsence(entry) && entry.settled && std::chrono::system_clock::now() - *entry.settled < justNow;
}

bool wasPlugged(const JournalEntry& entry)
{
    return entry.intent.goal() == Goal::Plug && entry.outcome == Outcome::Done;
}

void addOurs(const std::optional<Definition>& document, std::set<Alias>& found)
{
    if (!document)
        return;
    for (const auto& disk : document->disks)
        found.insert(disk.alias);
    for (const auto& nic : document->nics)
        found.insert(nic.alias);
}

std::set<Alias> aliasesOf(const Domain& domain)
{
    std::set<Alias> found;
    for (const auto& record : domain.records.devices)
        found.insert(Alias::of(record.id));
    addOurs(domain.live, found);
    addOurs(domain.config, found);
    std::erase_if(found, [](const Alias& alias) { return !alias.deviceId(); });
    return found;
}

} // namespace

void DriftWatch::judge(const Domain& domain, const Alias& alias)
{
    if (!domain.live || !domain.recordsProblem.empty() || isOpen(domain, alias))
        return;
    if (!isLive(domain, alias))
        tellVanished(domain, alias);
    else if (!recordOf(domain, alias))
        tellPresent(domain, alias);
    else
        tell(domain, alias, driftOf(domain, alias));
}

void DriftWatch::judgeAll(const Domain& domain, bool eventsLost)
{
    for (const auto& alias : aliasesOf(domain)) {
        if (isOpen(domain, alias))
            continue;
        if (const auto drift = driftOf(domain, alias); drift != Drift::None)
            tell(domain, alias, drift);
        else if (eventsLost && recordOf(domain, alias))
            tellOver(domain, alias);
    }
}

void DriftWatch::judgeRedefined(const Domain& domain)
{
    if (domain.live || !domain.config)
        return;
    constexpr std::size_t enough = 1000;
    std::set<Alias> seen;
    for (const auto& entry : journal_.list({.vm = domain.config->uuid, .openOnly = false, .limit = enough}))
        for (const auto& plan : entry.intent.plans)
            if (plan.device && plan.persist && seen.insert(plan.alias).second)     // the newest come first
                tellOfDefinition(domain, plan.alias, entry);
}

void DriftWatch::tellOfDefinition(const Domain& domain, const Alias& alias, const JournalEntry& latest)
{
    const bool defined = isDefined(domain, alias);
    if (wasPlugged(latest) && !defined && !recordOf(domain, alias))
        note(domain, alias, "the new definition has neither it nor hotplugd's record of it");
    else if (latest.intent.goal() == Goal::Unplug && latest.outcome == Outcome::Done && defined)
        note(domain, alias, cameBack);
}

void DriftWatch::tell(const Domain& domain, const Alias& alias, Drift drift)
{
    switch (drift) {
    case Drift::LiveLost:
        return tellVanished(domain, alias);
    case Drift::NoRecord:
        return domain.live ? tellPresent(domain, alias) : void();       // just defined with it
    case Drift::PluggedByOthers:
    case Drift::ConfigLost:
    case Drift::ConfigOnly:
        return note(domain, alias, sentenceFor(drift, recordOf(domain, alias)));
    case Drift::Moved:                          // by a start of the VM, which is no secret
    case Drift::None:
        return;
    }
}

void DriftWatch::tellPresent(const Domain& domain, const Alias& alias)
{
    const auto latest = journal_.findDevice(domain.live->uuid, alias);
    if (latest && hasJustLeft(*latest))
        return;
    note(domain, alias, latest && wasPlugged(*latest) ? "hotplugd's record of it has been taken away"
                                                      : "somebody else has plugged it");
}

void DriftWatch::tellVanished(const Domain& domain, const Alias& alias)
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

void DriftWatch::tellOver(const Domain& domain, const Alias& alias)
{
    const auto last = journal_.lastEvent(domain.any().uuid, alias);
    if (last && last->kind == EventKind::Drift && last->sentence != cameBack)
        note(domain, alias, isBack);
}

/// Once, however often it is looked at.
void DriftWatch::note(const Domain& domain, const Alias& alias, const std::string& sentence)
{
    const auto& vm = domain.any().uuid;
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

bool DriftWatch::isOpen(const Domain& domain, const Alias& alias) const
{
    const auto& vm = domain.any().uuid;
    return open_.find(vm, Goal::Plug, alias) || open_.find(vm, Goal::Unplug, alias);
}

} // namespace hotplug
