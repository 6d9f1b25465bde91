#include "operation/record_keeper.h"

#include "base/log.h"

namespace hotplug {

namespace {

constexpr const char* restoredDefinition =
    "the definition had lost hotplugd's records or had old ones; it has those of the running VM again";
constexpr const char* restoredLive =
    "the running VM had lost hotplugd's records or had old ones; it has those of the definition again";

} // namespace

std::optional<Scope> scopeToRestore(const Domain& domain)
{
    if (!domain.live || !domain.config || !domain.recordsProblem.empty() || domain.liveRecords == domain.configRecords)
        return std::nullopt;
    const bool liveWins = domain.liveRecords
        && (!domain.configRecords || domain.liveRecords->counter >= domain.configRecords->counter);
    return liveWins ? Scope::Config : Scope::Live;
}

void RecordKeeper::keep(const Domain& domain)
{
    tellWhetherReadable(domain);
    if (const auto scope = scopeToRestore(domain))
        restore(domain, *scope, *scope == Scope::Config ? *domain.liveRecords : *domain.configRecords);
}

void RecordKeeper::restore(const Domain& domain, Scope scope, const VmRecord& records)
{
    constexpr std::chrono::seconds patience{1};
    const auto& vm = domain.any().uuid;
    tools_.journal.requireUsable();
    const auto permit = tools_.permits.take({"restore records", vm, std::nullopt}, Clock::now() + patience);
    if (!permit)
        throw HypervisorError(ErrorKind::StateLocked, tools_.permits.whyBusy(vm).what());
    if (tools_.hypervisor.hasJob(vm))           // its end is an event, and looked at
        return;
    tools_.hypervisor.writeRecords(vm, scope, printRecords(records));
    note(domain, std::nullopt, scope == Scope::Config ? restoredDefinition : restoredLive);
}

/// The last event of the VM itself says whether it was told before.
void RecordKeeper::tellWhetherReadable(const Domain& domain)
{
    const auto last = tools_.journal.lastEvent(domain.any().uuid, Alias());
    const bool toldSo = last && last->kind == EventKind::Drift && last->reason == Reason::RecordUnreadable;
    const bool readable = domain.recordsProblem.empty();
    if (!readable && !toldSo)
        note(domain, Reason::RecordUnreadable, domain.recordsProblem);
    else if (readable && toldSo)
        note(domain, std::nullopt, "hotplugd's records can be read again");
}

void RecordKeeper::note(const Domain& domain, std::optional<Reason> reason, const std::string& sentence)
{
    JournalEvent event;
    event.vm = domain.any().uuid;
    event.kind = EventKind::Drift;
    event.reason = reason;
    event.sentence = sentence;
    spdlog::warn("VM {}: {}", event.vm.str(), sentence);
    tools_.journal.note(event);
}

} // namespace hotplug
