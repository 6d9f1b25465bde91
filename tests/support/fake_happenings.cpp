// What happens to the fake's VMs: the guest's answers, scripts, events.
#include "support/fake_hypervisor.h"

#include <algorithm>
#include <utility>

namespace hotplug::test {

namespace {

const UnplugScript& scriptFor(const std::map<Alias, UnplugScript>& scripts, const Alias& alias)
{
    static const UnplugScript obedient{};
    for (const auto& key : {alias, Alias()})
        if (const auto found = scripts.find(key); found != scripts.end())
            return found->second;
    return obedient;
}

bool letsGo(const UnplugScript& script, unsigned asked)
{
    return script.asks != 0 && asked >= script.asks;
}

} // namespace

// ---- The guest.

void FakeHypervisor::ask(const Uuid& vm, const Alias& alias)
{
    auto& found = vmAt(vm);
    found.domain.requireActive();
    const auto orphan = found.orphans.find(alias);
    if (!found.domain.hasLive(alias) && !(orphan != found.orphans.end() && orphan->second))
        throw HypervisorError(ErrorKind::DeviceMissing, "no device found with alias " + alias.str());
    const auto& script = scriptFor(found.scripts, alias);
    auto& unplug = found.unplugs[alias];
    if (unplug.refused < script.busy) {
        ++unplug.refused;
        throw HypervisorError(ErrorKind::GuestBusy, "guest is busy (power indicator blinking)");
    }
    if (script.repeatsRefused && unplug.asked > 0)
        throw HypervisorError(ErrorKind::AlreadyUnplugging, alias.str() + " is already in the process of unplug");
    ++unplug.asked;
    if (letsGo(script, unplug.asked) && found.domain.status != VmStatus::Paused)
        letGo(vm, alias, script.event);
}

void FakeHypervisor::orphan(const Call& entry, bool device)
{
    const auto xml = parseXml(entry.detail);
    const Alias alias(xml.document_element().child("alias").attribute("name").value());
    auto& vm = vmAt(entry.vm);
    if (vm.domain.active() && entry.scope != Scope::Config && !vm.domain.hasLive(alias))
        vm.orphans[alias] = device;
}

void FakeHypervisor::letGo(const Uuid& vm, const Alias& alias, bool event)
{
    auto& found = vmAt(vm);
    found.unplugs.erase(alias);
    if (const auto orphan = found.orphans.find(alias); orphan != found.orphans.end())
        orphan->second = false;
    if (!found.domain.hasLive(alias))
        return;
    found.domain.removeLive(alias);
    if (event)
        emit(Event::Kind::DeviceRemoved, vm, alias);
}

void FakeHypervisor::stop(const Uuid& vm, Away away)
{
    auto& found = vmAt(vm);
    away == Away::Saved ? found.domain.save() : found.domain.stop();
    found.unplugs.clear();
    found.orphans.clear();
    found.job = false;
    found.away = away;
    found.hanging.reset();                          // Whoever waited for QEMU hears that it is gone.
    changed_.notify_all();
    eraseIfGone(vm);
    emit(Event::Kind::DomainChanged, vm, {}, away);
}

void FakeHypervisor::eraseIfGone(const Uuid& vm)
{
    if (vmAt(vm).domain.gone())
        vms_.erase(vm);
}

void FakeHypervisor::landLate(Vm& vm)
{
    for (const auto& effect : std::exchange(vm.late, {}))
        unheard(effect);
}

// ---- Scripts and happenings.

Uuid FakeHypervisor::addVm(const std::string& domainXml, Birth birth)
{
    const Lock lock(mutex_);
    Vm vm(domainXml);
    if (birth != Birth::Stopped)
        vm.domain.start();
    if (birth == Birth::Transient)
        vm.domain.undefine();
    const auto uuid = vm.domain.uuid();
    vms_.insert_or_assign(uuid, std::move(vm));
    return uuid;
}

void FakeHypervisor::scriptUnplug(const Uuid& vm, UnplugScript script, const Alias& alias)
{
    const Lock lock(mutex_);
    vmAt(vm).scripts.insert_or_assign(alias, script);
}

void FakeHypervisor::failNext(Method method, ErrorKind kind, Effect effect, unsigned nth)
{
    const Lock lock(mutex_);
    failures_.push_back({method, kind, effect, std::max(1U, nth)});
}

void FakeHypervisor::setReadRequests(const Uuid& vm, const std::string& target, std::uint64_t requests)
{
    const Lock lock(mutex_);
    vmAt(vm).readRequests.insert_or_assign(target, requests);
}

void FakeHypervisor::completeUnplug(const Uuid& vm, const Alias& alias, bool event)
{
    const Lock lock(mutex_);
    letGo(vm, alias, event);
}

void FakeHypervisor::redefine(const Uuid& vm, const std::string& domainXml)
{
    const Lock lock(mutex_);
    auto& domain = vmAt(vm).domain;
    const bool defined = domain.persistent();
    domain.redefine(domainXml);
    emit(defined ? Event::Kind::Redefined : Event::Kind::DomainChanged, vm);
}

void FakeHypervisor::editRecords(const Uuid& vm, Scope scope, const std::string& xml)
{
    const Lock lock(mutex_);
    vmAt(vm).domain.writeRecords(scope, xml);
    emit(Event::Kind::RecordsChanged, vm);
}

void FakeHypervisor::setJob(const Uuid& vm, bool running)
{
    const Lock lock(mutex_);
    vmAt(vm).job = running;
}

void FakeHypervisor::pause(const Uuid& vm)
{
    const Lock lock(mutex_);
    vmAt(vm).domain.requireActive();
    vmAt(vm).domain.status = VmStatus::Paused;
    emit(Event::Kind::DomainChanged, vm);
}

void FakeHypervisor::resume(const Uuid& vm)
{
    const Lock lock(mutex_);
    auto& found = vmAt(vm);
    found.domain.requireActive();
    found.domain.status = VmStatus::Running;
    emit(Event::Kind::DomainChanged, vm);
    const auto pending = found.unplugs;
    for (const auto& [alias, unplug] : pending)
        if (const auto& script = scriptFor(found.scripts, alias); letsGo(script, unplug.asked))
            letGo(vm, alias, script.event);
}

void FakeHypervisor::stopByGuest(const Uuid& vm)
{
    const Lock lock(mutex_);
    stop(vm);
}

void FakeHypervisor::migrateAway(const Uuid& vm, bool undefine)
{
    const Lock lock(mutex_);
    auto& domain = vmAt(vm).domain;
    domain.requireActive();
    if (undefine && domain.persistent())
        domain.undefine();                          // an active one becomes transient
    stop(vm, Away::Migrated);
}

void FakeHypervisor::save(const Uuid& vm)
{
    const Lock lock(mutex_);
    stop(vm, Away::Saved);
}

void FakeHypervisor::land(const Uuid& vm)
{
    const Lock lock(mutex_);
    landLate(vmAt(vm));
}

void FakeHypervisor::hang(const Uuid& vm, Hang what)
{
    const Lock lock(mutex_);
    vmAt(vm).hanging = what;
}

void FakeHypervisor::release(const Uuid& vm)
{
    const Lock lock(mutex_);
    vmAt(vm).hanging.reset();
    changed_.notify_all();
}

void FakeHypervisor::disconnect()
{
    const Lock lock(mutex_);
    if (!connected_)
        return;
    connected_ = false;
    ++disconnects_;
    events_.clear();
    events_.push_back({.kind = Event::Kind::Disconnected, .vm = {}, .alias = {}});
    changed_.notify_all();
}

void FakeHypervisor::reconnect()
{
    const Lock lock(mutex_);
    if (connected_)
        return;
    connected_ = true;
    emit(Event::Kind::Connected);
}

// ---- Events and the log of calls.

void FakeHypervisor::emit(Event::Kind kind, const Uuid& vm, const Alias& alias, Away away)
{
    if (!connected_)
        return;
    events_.push_back({kind, vm, alias, away});
    changed_.notify_all();
}

bool FakeHypervisor::deliverOne(Lock& lock)
{
    if (events_.empty())
        return false;
    const auto event = std::move(events_.front());
    events_.pop_front();
    lock.unlock();
    bus_.post(event);
    lock.lock();
    return true;
}

void FakeHypervisor::deliverAlways()
{
    Lock lock(mutex_);
    while (!stopping_) {
        changed_.wait(lock, [&] { return stopping_ || !events_.empty(); });
        deliverOne(lock);
    }
}

std::size_t FakeHypervisor::deliverEvents()
{
    Lock lock(mutex_);
    std::size_t delivered = 0;
    while (deliverOne(lock))
        ++delivered;
    return delivered;
}

std::size_t FakeHypervisor::orphans(const Uuid& vm) const
{
    const Lock lock(mutex_);
    const auto found = vms_.find(vm);
    return found == vms_.end() ? 0 : found->second.orphans.size();
}

std::vector<Call> FakeHypervisor::calls() const
{
    const Lock lock(mutex_);
    return calls_;
}

std::size_t FakeHypervisor::count(Method method) const
{
    const Lock lock(mutex_);
    return static_cast<std::size_t>(
        std::ranges::count_if(calls_, [&](const auto& one) { return one.method == method; }));
}

std::size_t FakeHypervisor::count(Method method, const Uuid& vm) const
{
    const Lock lock(mutex_);
    return static_cast<std::size_t>(
        std::ranges::count_if(calls_, [&](const auto& one) { return one.method == method && one.vm == vm; }));
}

void FakeHypervisor::forgetCalls()
{
    const Lock lock(mutex_);
    forgotten_ += calls_.size();
    calls_.clear();
}

std::size_t FakeHypervisor::blocked() const
{
    const Lock lock(mutex_);
    return blocked_;
}

} // namespace hotplug::test
