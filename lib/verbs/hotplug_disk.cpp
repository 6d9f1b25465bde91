#include "planning/planning.h"
#include "planning/source_use.h"
#include "planning/uniqueness.h"
#include "verbs/change.h"

namespace hotplug::verbs {

namespace {

HostSource resolve(const Storage& storage, const DiskRequest& disk)
{
    try {
        return storage.resolve(disk.source, disk.format);
    } catch (Refusal& refusal) {
        if (refusal.field().empty())
            refusal.at(refusal.reason() == Reason::FormatMismatch ? "/format" : fieldOf(disk.source));
        throw;
    }
}

void appendUsers(std::vector<SourceUser>& users, Context& context, const Domain& domain, const HostSource& source)
{
    const auto& vm = domain.live->uuid;
    const auto plugged = asking([&] { return context.sourceUsers.of(source, vm); });
    const auto coming = context.sourceUsers.of(source, vm, context.operations.openPlugs());
    users.insert(users.end(), plugged.begin(), plugged.end());
    users.insert(users.end(), coming.begin(), coming.end());
}

/// A dry run troubles no server.
void requireServer(const Storage& storage, const DiskRequest& disk, const HostSource& source)
{
    try {
        storage.requireServer(source);
    } catch (Refusal& refusal) {
        throw refusal.at(fieldOf(disk.source));
    }
}

/// The VM's turn comes first, then the storage is looked at: what was true of it then is what QEMU opens.
Planner plannerOf(Context& context, const DiskRequest& disk, const ChangeOptions& options)
{
    const auto claim = context.sourceClaims.make();
    return [&context, disk, claim, persist = options.persist, dryRun = options.dryRun](const Domain& domain) {
        requireChangeable(domain);
        DiskFacts facts;
        facts.source = resolve(context.storage, disk);
        addSpellings(facts.source.names, domain, context.storage);
        if (!dryRun)
            facts.users = claim->lay(domain.live->uuid, domain.live->name, disk, facts.source);
        appendUsers(facts.users, context, domain, facts.source);
        auto plan = planPlugDisk(domain, disk, facts, persist);
        if (!dryRun)
            requireServer(context.storage, disk, facts.source);
        return plan;
    };
}

void askTheGuest(GuestReads& guestReads, const Uuid& vm, std::vector<DeviceView>& disks)
{
    std::vector<std::string> targets;
    for (const auto& disk : disks)
        targets.push_back(disk.target);
    const auto seen = guestReads.await(vm, targets);
    for (std::size_t i = 0; i < disks.size(); ++i)
        disks[i].guestSeen = seen[i];
}

void describe(DeviceView& view, const DiskRequest& disk)
{
    view.model = name(disk.bus);
    if (auto seen = cutSerial(view.serial, disk.bus); seen != view.serial)
        view.guestSerial = std::move(seen);
}

} // namespace

ChangeAnswer hotplugDisk(Context& context, const Uuid& vm, const std::vector<DiskRequest>& disks,
    const ChangeOptions& options)
{
    std::vector<Planner> planners;
    for (const auto& disk : disks)
        planners.push_back(plannerOf(context, disk, options));
    auto answer = change(context, vm, options, std::move(planners));
    const bool takenBack = !answer.plans.empty() && answer.plans.front().goal == Goal::Unplug;
    for (std::size_t i = 0; !takenBack && i < answer.devices.size(); ++i)
        describe(answer.devices[i], disks[i]);
    if (answer.outcome == Outcome::Done && !options.dryRun && options.waitForGuest)
        askTheGuest(context.guestReads, vm, answer.devices);
    return answer;
}

} // namespace hotplug::verbs
