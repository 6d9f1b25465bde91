#include "operation/sighting.h"

#include "operation/act.h"

#include <algorithm>

namespace hotplug {

namespace {

/// The guest's own word about an unplug: the XML is what it was.
bool leavesXmlAlone(ErrorKind kind)
{
    return kind == ErrorKind::GuestBusy || kind == ErrorKind::AlreadyUnplugging;
}

} // namespace

void Sighting::begin()
{
    change_.takeNews();
    memory_.domain.reset();
    memory_.removalsHeard.merge(change_.takeRemovals());
    if (const auto away = change_.takeAway(); away != Away::No)
        memory_.away = away;
    if (change_.recovering())
        for (auto& seen : memory_.seen)
            seen.settling = seen.settling || seen.asked;        // a libvirt that was lost may have been at it
}

void Sighting::readDomain()
{
    const auto xml = tools_.hypervisor.read(change_.ask().vm);
    const auto intent = change_.intent();
    if (intent && intent->plans.front().kind == DeviceKind::Nic && intent->goal() == Goal::Plug)
        change_.saw(xml.live);                  // engines read it from the reply
    memory_.away = xml.away;                    // what is read outdoes what was heard: it may have come back
    memory_.domain = parseDomain(xml.status, xml.live, xml.config);
}

void Sighting::forgetAll(const Intent& intent)
{
    Observed unknown;
    unknown.deadline = change_.ask().deadline;
    memory_.seen.assign(intent.plans.size(), unknown);
}

void Sighting::observe()
{
    const bool justCancelled = change_.cancelled() && !memory_.seen.front().cancelled;
    if (justCancelled)
        look();                                 // the guest may have been faster
    const bool known = memory_.domain
        && std::ranges::all_of(memory_.seen, [](const Observed& seen) { return seen.sight.has_value(); });
    for (auto& seen : memory_.seen) {
        seen.now = tools_.now();
        seen.cancelled = change_.cancelled();
    }
    if (known)
        return;
    try {
        if (!memory_.domain)
            readDomain();
        for (std::size_t i = 0; i < memory_.seen.size(); ++i)
            see(change_.intent()->plans[i], memory_.seen[i]);
    } catch (const HypervisorError& error) {
        cannotSee(error.kind(), error.what());
    } catch (const XmlError& error) {
        cannotSee(ErrorKind::Other, error.what());
    }
}

void Sighting::see(const Plan& plan, Observed& seen)
{
    seen.sight = hotplug::look(plan, *memory_.domain);
    seen.leftovers.reset();
    seen.goneSince.reset();
    seen.away = memory_.away;
    if (seen.failure && seen.failure->act == Act::Wait)
        seen.failure.reset();
    const bool heard = memory_.removalsHeard.erase(plan.alias) > 0;
    seen.barrier = !seen.sight->live && (seen.barrier || heard);
}

void Sighting::cannotSee(ErrorKind kind, const std::string& text)
{
    for (auto& seen : memory_.seen) {
        seen.sight.reset();
        if (kind != ErrorKind::NoDomain)
            seen.goneSince.reset();
        else if (!seen.goneSince)
            seen.goneSince = tools_.now();
        seen.away = memory_.away;
        fail(seen, Act::Wait, kind, text);
    }
}

void Sighting::fail(Observed& seen, Act act, ErrorKind kind, const std::string& text)
{
    seen.failure = Failure{act, kind, text, tools_.now()};
    ++seen.failures;
}

void Sighting::failed(Act act, std::size_t entry, ErrorKind kind, const std::string& text)
{
    auto& seen = memory_.seen[entry];
    fail(seen, act, kind, text);
    const bool asking = act == Act::DetachLive || act == Act::UnplugFromQemu;
    if (kind == ErrorKind::AlreadyUnplugging || (asking && kind == ErrorKind::Unavailable)) {
        seen.accepted = true;                   // the guest has heard it, or may have
        ++seen.asks;
    }
    if (act == Act::Attach) {
        seen.attempted = true;
        seen.attachFailure = seen.failure;
    }
    if (!leavesXmlAlone(kind))
        look();
}

void Sighting::succeeded(Act act, std::size_t entry)
{
    auto& seen = memory_.seen[entry];
    if (act == Act::AskQemu && seen.failure && seen.failure->act == Act::DropFromQemu)
        return;                                 // what could not be dropped is there still
    seen.failure.reset();
    seen.failures = 0;
    seen.attempted = seen.attempted || act == Act::Attach;
    remember(act, seen);
}

/// What an act's success tells without another read. Asked is not gone, so the sight stands after DetachLive.
void Sighting::remember(Act act, Observed& seen)
{
    const bool alone = memory_.seen.size() == 1;        // else the next record is made from those just written
    switch (act) {
    case Act::DetachLive:
        seen.accepted = true;
        ++seen.asks;
        return;
    case Act::WriteRecord:
        seen.sight->recorded = true;
        return alone ? void() : look();
    case Act::EraseRecord:
        seen.sight->recorded = false;
        seen.barrier = true;
        return alone ? void() : look();
    case Act::Barrier:
        seen.barrier = true;
        return look();
    case Act::AskQemu:
        return;
    case Act::UnplugFromQemu:
        seen.leftovers.reset();
        seen.accepted = true;
        ++seen.asks;
        return;
    case Act::DropFromQemu:
        seen.qemuCleared = true;
        return;
    default:
        return look();
    }
}

void Sighting::look()
{
    memory_.domain.reset();
    for (auto& seen : memory_.seen)
        seen.sight.reset();
}

bool Sighting::jobRuns()
{
    if (noJob_)
        return false;
    const bool runs = memory_.domain->live && tools_.hypervisor.hasJob(change_.ask().vm);
    noJob_ = !runs;
    for (auto& seen : memory_.seen)
        if (seen.sight)
            seen.sight->job = runs;
    return runs;
}

bool Sighting::isCertain() const
{
    return std::ranges::all_of(memory_.seen, [](const Observed& seen) {
        return seen.sight && !(seen.failure && seen.failure->act == Act::Barrier);
    });
}

} // namespace hotplug
