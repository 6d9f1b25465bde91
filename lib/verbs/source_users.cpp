#include "verbs/source_users.h"

#include "base/scope_guard.h"
#include "verbs/source_claims.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace hotplug::verbs {

namespace {

/// For all the reads of one question: what libvirt does not tell in it stays as it was known.
constexpr std::chrono::seconds patience{2};

void appendUsers(std::vector<SourceUser>& users, const Definition& live, const DomainDisk& disk, const Storage& storage)
{
    for (const auto& layer : disk.sources) {
        const bool top = &layer == &disk.sources.front();
        users.push_back({live.uuid, live.name, disk.alias.str(), storage.canonical(layer), top && !disk.readonly,
            disk.shareable});
    }
}

} // namespace

SourceUsers::SourceUsers(Hypervisor& hypervisor, const Storage& storage)
    : hypervisor_(hypervisor), storage_(storage),
      subscription_(hypervisor.subscribe([this](const Event& event) { heard(event); }))
{
}

std::vector<SourceUser> SourceUsers::of(const HostSource& source, const Uuid& vm)
{
    const auto until = Clock::now() + patience;
    // One at a time: who comes second would find nothing to read, and nothing read.
    if (!refreshing_.try_acquire_until(until))
        throw HypervisorError(ErrorKind::Unavailable, "what VMs use cannot be read in time");
    const ScopeGuard giveBack([this] { refreshing_.release(); });
    for (const auto& changed : takeChanged(vm))
        refresh(changed, until);
    std::vector<SourceUser> found;
    for (const auto& other : candidates(source, vm)) {
        refresh(other, until);
        const std::lock_guard lock(mutex_);
        if (const auto users = users_.find(other); users != users_.end())
            std::ranges::copy_if(users->second, std::back_inserter(found),
                [&source](const SourceUser& user) { return hasLayer(source, user.layer); });
    }
    return found;
}

std::vector<SourceUser> SourceUsers::of(const HostSource& source, const Uuid& vm,
    const std::vector<OpenOperation>& plugs) const
{
    std::vector<SourceUser> found;
    for (const auto& [id, plan] : plugs) {
        if (plan->vm == vm || plan->kind != DeviceKind::Disk)
            continue;
        Domain coming;
        coming.live.emplace();
        coming.live->uuid = plan->vm;
        coming.live->name = plan->vm.str();
        addDevice(coming, plan->deviceXml, false);
        for (const auto& disk : coming.live->disks)
            appendUsers(found, *coming.live, disk, storage_);
    }
    std::erase_if(found, [&source](const SourceUser& user) { return !hasLayer(source, user.layer); });
    return found;
}

std::set<Uuid> SourceUsers::takeChanged(const Uuid& butNot)
{
    noteAllIfNeeded();
    const std::lock_guard lock(mutex_);
    auto taken = std::exchange(changed_, {});
    taken.erase(butNot);
    changed_.insert(butNot);                    // it is about to change: others must not wait for the event
    return taken;
}

void SourceUsers::noteAllIfNeeded()
{
    {
        const std::lock_guard lock(mutex_);
        if (!allChanged_)
            return;
        allChanged_ = false;                    // before the list is read: what changes from here on says so itself
    }
    ScopeGuard again([this] {
        const std::lock_guard lock(mutex_);
        allChanged_ = true;
    });
    const auto vms = hypervisor_.vms();
    again.dismiss();
    const std::lock_guard lock(mutex_);
    for (const auto& vm : vms)
        changed_.insert(vm.uuid);
}

/// What cannot be read keeps the users that it had: better refuse what has been released than share what has not.
void SourceUsers::refresh(const Uuid& vm, Clock::time_point until)
{
    std::optional<std::vector<SourceUser>> users;
    try {
        if (Clock::now() < until)
            users = readUsers(vm);
    } catch (const HypervisorError& error) {
        if (error.kind() == ErrorKind::NoDomain)
            users.emplace();
    } catch (const XmlError&) {
    }
    const std::lock_guard lock(mutex_);
    if (!users)
        changed_.insert(vm);
    else if (users->empty())
        users_.erase(vm);
    else
        users_[vm] = *std::move(users);
}

std::vector<SourceUser> SourceUsers::readUsers(const Uuid& vm) const
{
    const auto xml = hypervisor_.read(vm);
    std::vector<SourceUser> users;
    if (!xml.live)
        return users;
    const auto live = parseDefinition(*xml.live);
    for (const auto& disk : live.disks)
        appendUsers(users, live, disk, storage_);
    return users;
}

std::set<Uuid> SourceUsers::candidates(const HostSource& source, const Uuid& butNot) const
{
    const std::lock_guard lock(mutex_);
    std::set<Uuid> found;
    for (const auto& [vm, users] : users_)
        if (vm != butNot
            && std::ranges::any_of(users, [&](const SourceUser& user) { return hasLayer(source, user.layer); }))
            found.insert(vm);
    return found;
}

/// Event thread: notes only.
void SourceUsers::heard(const Event& event)
{
    const std::lock_guard lock(mutex_);
    if (event.kind == Event::Kind::Connected)
        allChanged_ = true;
    else if (event.kind != Event::Kind::Disconnected && event.kind != Event::Kind::RecordsChanged)
        changed_.insert(event.vm);
}

} // namespace hotplug::verbs
