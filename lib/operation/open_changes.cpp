#include "operation/open_changes.h"

namespace hotplug {

namespace {

void appendDevices(const Change& change, std::vector<OpenOperation>& found)
{
    const auto intent = change.intent();
    for (std::size_t i = 0; intent && i < intent->plans.size(); ++i)
        found.push_back({change.id(), {intent, &intent->plans[i]}});
}

} // namespace

void OpenChanges::keep(const ChangePtr& change)
{
    const std::lock_guard lock(mutex_);
    open_[change->ask().vm].try_emplace(change, Ticket{0});
    if (!change->ask().requestId.empty())
        requests_[change->ask().requestId] = change;
}

void OpenChanges::forget(const ChangePtr& change)
{
    const std::lock_guard lock(mutex_);
    if (const auto request = requests_.find(change->ask().requestId);
        request != requests_.end() && request->second == change)
        requests_.erase(request);
    const auto changes = open_.find(change->ask().vm);
    if (changes == open_.end())
        return;
    changes->second.erase(change);
    if (changes->second.empty())
        open_.erase(changes);
}

OpenChanges::Ticket OpenChanges::putToSleep(const ChangePtr& change)
{
    const std::lock_guard lock(mutex_);
    const auto ticket = ++lastTicket_;
    open_[change->ask().vm][change] = ticket;
    return ticket;
}

bool OpenChanges::wake(const ChangePtr& change, Ticket ticket)
{
    const std::lock_guard lock(mutex_);
    const auto changes = open_.find(change->ask().vm);
    if (changes == open_.end())
        return false;
    const auto entry = changes->second.find(change);
    if (entry == changes->second.end() || entry->second != ticket)
        return false;
    entry->second = 0;
    return true;
}

std::vector<OpenChanges::Sleeper> OpenChanges::sleepers(const std::function<bool(Change&)>& concerned) const
{
    const std::lock_guard lock(mutex_);
    std::vector<Sleeper> found;
    for (const auto& [vm, changes] : open_)
        for (const auto& [change, ticket] : changes)
            if (concerned(*change) && ticket != 0)
                found.emplace_back(change, ticket);
    return found;
}

ChangePtr OpenChanges::find(const Uuid& id) const
{
    const std::lock_guard lock(mutex_);
    for (const auto& [vm, changes] : open_)
        for (const auto& [change, ticket] : changes)
            if (change->id() == id)
                return change;
    return nullptr;
}

template<typename Wanted> ChangePtr OpenChanges::findAmong(const Uuid& vm, Wanted&& wanted) const
{
    const std::lock_guard lock(mutex_);
    if (const auto changes = open_.find(vm); changes != open_.end())
        for (const auto& [change, ticket] : changes->second)
            if (!change->settled() && wanted(*change))
                return change;
    return nullptr;
}

ChangePtr OpenChanges::find(const Uuid& vm, Goal goal, const Alias& alias) const
{
    if (alias.empty())
        return nullptr;
    return findAmong(vm, [&](const Change& change) {
        const auto intent = change.intent();
        return intent && intent->goal() == goal && intent->find(alias);
    });
}

ChangePtr OpenChanges::findUnplug(const Uuid& vm, const std::function<bool(const Intent&)>& wanted) const
{
    return findAmong(vm, [&](const Change& change) {
        const auto intent = change.intent();
        return intent && intent->goal() == Goal::Unplug && !intent->givenUp && wanted(*intent);
    });
}

ChangePtr OpenChanges::findRequest(const std::string& requestId) const
{
    const std::lock_guard lock(mutex_);
    const auto found = requests_.find(requestId);
    return found == requests_.end() || found->second->refused() ? nullptr : found->second;
}

std::vector<OpenOperation> OpenChanges::devices(const Uuid& vm) const
{
    const std::lock_guard lock(mutex_);
    std::vector<OpenOperation> found;
    if (const auto changes = open_.find(vm); changes != open_.end())
        for (const auto& [change, ticket] : changes->second)
            if (!change->settled())
                appendDevices(*change, found);
    return found;
}

std::vector<OpenOperation> OpenChanges::plugs() const
{
    const std::lock_guard lock(mutex_);
    std::vector<OpenOperation> found;
    for (const auto& [vm, changes] : open_)
        for (const auto& [change, ticket] : changes)
            if (const auto intent = change->intent(); intent && intent->goal() == Goal::Plug && !change->settled())
                appendDevices(*change, found);
    return found;
}

std::vector<Address> OpenChanges::leavingAddresses(const Uuid& vm) const
{
    std::vector<Address> found;
    for (const auto& [id, plan] : devices(vm))
        if (plan->goal == Goal::Unplug && plan->address && std::holds_alternative<PciAddress>(*plan->address))
            found.push_back(*plan->address);
    return found;
}

bool OpenChanges::isRecovering(const Uuid& vm) const
{
    return findAmong(vm, [](const Change& change) { return change.recovering(); }) != nullptr;
}

std::vector<ChangePtr> OpenChanges::all() const
{
    const std::lock_guard lock(mutex_);
    std::vector<ChangePtr> found;
    for (const auto& [vm, changes] : open_)
        for (const auto& [change, ticket] : changes)
            found.push_back(change);
    return found;
}

} // namespace hotplug
