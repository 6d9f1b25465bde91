#include "support/fake_hypervisor.h"

#include <algorithm>
#include <type_traits>

namespace hotplug::test {

namespace {

/// What waits for QEMU, or for libvirt's lock on the VM, when QEMU hangs. Killing it does not.
bool waitsForQemu(Method method)
{
    switch (method) {
    case Method::ReadRequests:
    case Method::Attach:
    case Method::Detach:
    case Method::DetachTwin:
    case Method::Update:
    case Method::WriteRecords:
    case Method::AskQemu:
    case Method::UnplugFromQemu:
    case Method::DropFromQemu:
    case Method::Shutdown:
        return true;
    default:
        return false;
    }
}

} // namespace

FakeHypervisor::FakeHypervisor(Delivery delivery) : delivery_(delivery)
{
    if (delivery_ == Delivery::Thread)
        deliverer_ = std::thread([this] { deliverAlways(); });
}

FakeHypervisor::~FakeHypervisor()
{
    Lock lock(mutex_);
    stopping_ = true;
    for (auto& [uuid, vm] : vms_)
        vm.hanging.reset();
    changed_.notify_all();
    changed_.wait(lock, [&] { return blocked_ == 0; });
    lock.unlock();
    if (deliverer_.joinable())
        deliverer_.join();
}

// ---- The way of every call: hang, fail or take effect, and be logged when it ends.

template<typename Action> auto FakeHypervisor::call(Call entry, Action action)
{
    Lock lock(mutex_);
    const auto number = forgotten_ + calls_.size();
    calls_.push_back(entry);
    try {
        return perform(lock, entry, action);
    } catch (const HypervisorError& error) {
        if (number >= forgotten_)
            calls_[number - forgotten_].error = error.kind();
        throw;
    }
}

template<typename Action> auto FakeHypervisor::perform(Lock& lock, const Call& entry, Action action)
{
    requireConnected();
    waitWhileHanging(lock, entry);
    const auto failure = takeFailure(entry.method);
    if (!failure)
        return action();
    const auto effect = [action] { static_cast<void>(action()); };
    if (failure->effect == Effect::Done)
        unheard(effect);
    if (failure->effect == Effect::Orphan || failure->effect == Effect::OrphanBackend)
        orphan(entry, failure->effect == Effect::Orphan);
    if (failure->effect == Effect::Late)
        vmAt(entry.vm).late.emplace_back(effect);
    throw HypervisorError(failure->kind, "scripted failure");
}

bool FakeHypervisor::hangs(const Call& entry) const
{
    return std::ranges::any_of(vms_, [&entry](const auto& known) {
        const auto& [uuid, vm] = known;
        if (vm.hanging == Hang::Everything)
            return entry.vm == uuid || entry.method == Method::Vms;
        return vm.hanging && entry.vm == uuid && waitsForQemu(entry.method);
    });
}

void FakeHypervisor::waitWhileHanging(Lock& lock, const Call& entry)
{
    if (!hangs(entry))
        return;
    const auto before = disconnects_;
    ++blocked_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !hangs(entry) || disconnects_ != before || stopping_; });
    --blocked_;
    changed_.notify_all();
    if (disconnects_ != before)
        throw HypervisorError(ErrorKind::Unavailable, "client socket is closed");
}

std::optional<FakeHypervisor::Failure> FakeHypervisor::takeFailure(Method method)
{
    std::optional<Failure> due;
    for (auto& failure : failures_)
        if (failure.method == method && --failure.nth == 0)
            due = failure;
    std::erase_if(failures_, [](const auto& failure) { return failure.nth == 0; });
    return due;
}

void FakeHypervisor::requireConnected() const
{
    if (!connected_)
        throw HypervisorError(ErrorKind::Unavailable, "not connected to libvirt");
}

FakeHypervisor::Vm& FakeHypervisor::vmAt(const Uuid& vm)
{
    const auto found = vms_.find(vm);
    if (found == vms_.end())
        throw HypervisorError(ErrorKind::NoDomain, "no domain with matching uuid '" + vm.str() + "'");
    return found->second;
}

/// What it says goes to nobody: the call that asked for it has failed already.
void FakeHypervisor::unheard(const std::function<void()>& effect)
{
    try {
        effect();
    } catch (const HypervisorError&) {
    }
}

// ---- The port: reads.

std::vector<VmSummary> FakeHypervisor::vms()
{
    return call({.method = Method::Vms, .vm = {}, .scope = {}, .detail = {}, .error = {}}, [&] {
        std::vector<VmSummary> all;
        for (const auto& [uuid, vm] : vms_)
            all.push_back({uuid, vm.domain.name(), vm.domain.status, vm.domain.persistent()});
        return all;
    });
}

Uuid FakeHypervisor::find(const std::string& name)
{
    return call({.method = Method::Find, .vm = {}, .scope = {}, .detail = name, .error = {}}, [&] {
        for (const auto& [uuid, vm] : vms_)
            if (vm.domain.name() == name)
                return uuid;
        throw HypervisorError(ErrorKind::NoDomain, "no domain with matching name '" + name + "'");
    });
}

DomainXml FakeHypervisor::read(const Uuid& vm)
{
    return call({.method = Method::Read, .vm = vm, .scope = {}, .detail = {}, .error = {}},
        [this, vm] {
            auto seen = vmAt(vm).domain.read();
            seen.away = vmAt(vm).away;
            return seen;
        });
}

bool FakeHypervisor::hasJob(const Uuid& vm)
{
    return call({.method = Method::HasJob, .vm = vm, .scope = {}, .detail = {}, .error = {}},
        [this, vm] { return vmAt(vm).job; });
}

std::uint64_t FakeHypervisor::readRequests(const Uuid& vm, const std::string& target)
{
    constexpr std::uint64_t probesOfALiveGuest = 3;
    return call({.method = Method::ReadRequests, .vm = vm, .scope = {}, .detail = target, .error = {}}, [this, vm, target] {
        auto& found = vmAt(vm);
        found.domain.requireActive();
        if (!found.domain.hasLiveTarget(target))
            throw HypervisorError(ErrorKind::DeviceMissing, "invalid path: " + target);
        const auto scripted = found.readRequests.find(target);
        return scripted == found.readRequests.end() ? probesOfALiveGuest : scripted->second;
    });
}

// ---- The port: changes. Actions are copied into `late`, so they capture values.

void FakeHypervisor::attach(const Uuid& vm, Scope scope, const std::string& deviceXml)
{
    call({.method = Method::Attach, .vm = vm, .scope = scope, .detail = deviceXml, .error = {}},
        [this, vm, scope, deviceXml] {
            auto& domain = vmAt(vm).domain;
            if (scope != Scope::Config && !vmAt(vm).orphans.empty())
                throw HypervisorError(ErrorKind::OrphanNode, "Duplicate nodes with node-name");
            const auto before = domain;
            domain.attach(scope, deviceXml);
            if (scope == Scope::Config)
                return;
            try {
                requireFreeSource(vm, deviceXml);
            } catch (...) {
                domain = before;
                throw;
            }
            const auto device = parseXml(deviceXml);
            emit(Event::Kind::DeviceAdded, vm,
                Alias(device.document_element().child("alias").attribute("name").value()));
        });
}

/// QEMU's image lock: held by the other VMs, and by this one where the same file is plugged twice.
void FakeHypervisor::requireFreeSource(const Uuid& vm, const std::string& deviceXml)
{
    const auto device = parseXml(deviceXml);
    const auto disk = device.document_element().child("source");
    const std::string source = disk.attribute(disk.attribute("file") ? "file" : "dev").value();
    for (const auto& [uuid, other] : vms_) {
        const auto held = other.domain.lockedSources().count(source);
        if (held > (uuid == vm ? 1U : 0U))
            throw HypervisorError(ErrorKind::SourceInUse, "Failed to get \"write\" lock");
    }
}

void FakeHypervisor::detach(const Uuid& vm, Scope scope, const Alias& alias)
{
    call({.method = Method::Detach, .vm = vm, .scope = scope, .detail = alias.str(), .error = {}},
        [this, vm, scope, alias] {
            if (scope == Scope::Both)
                throw HypervisorError(ErrorKind::Invalid, "a detach is either live or of the definition");
            if (scope == Scope::Config)
                vmAt(vm).domain.removeConfig(alias);
            else
                ask(vm, alias);
        });
}

void FakeHypervisor::detachTwin(const Uuid& vm, const std::string& deviceXml)
{
    call({.method = Method::DetachTwin, .vm = vm, .scope = Scope::Config, .detail = deviceXml, .error = {}},
        [this, vm, deviceXml] { vmAt(vm).domain.removeTwin(deviceXml); });
}

void FakeHypervisor::update(const Uuid& vm, Scope scope, const std::string& deviceXml)
{
    call({.method = Method::Update, .vm = vm, .scope = scope, .detail = deviceXml, .error = {}},
        [this, vm, scope, deviceXml] { vmAt(vm).domain.update(scope, deviceXml); });
}

void FakeHypervisor::writeRecords(const Uuid& vm, Scope scope, const std::string& xml)
{
    call({.method = Method::WriteRecords, .vm = vm, .scope = scope, .detail = xml, .error = {}},
        [this, vm, scope, xml] {
            landLate(vmAt(vm));
            vmAt(vm).domain.writeRecords(scope, xml);
            emit(Event::Kind::RecordsChanged, vm);
        });
}

// ---- The port: QEMU behind libvirt's back. Every orphan has one block node, `libvirt-1000-storage` for the first.

namespace {

constexpr unsigned firstOrphanNode = 1000;

std::string nodeOf(std::size_t orphan)
{
    return "libvirt-" + std::to_string(firstOrphanNode + orphan) + "-storage";
}

} // namespace

QemuView FakeHypervisor::askQemu(const Uuid& vm)
{
    return call({.method = Method::AskQemu, .vm = vm, .scope = {}, .detail = {}, .error = {}}, [this, vm] {
        auto& found = vmAt(vm);
        found.domain.requireActive();
        QemuView view;
        for (const auto& [alias, device] : found.orphans) {
            view.backends.push_back({QemuBackend::Kind::BlockNode, nodeOf(view.backends.size())});
            if (device)
                view.devices.push_back(alias);
        }
        return view;
    });
}

void FakeHypervisor::unplugFromQemu(const Uuid& vm, const Alias& alias)
{
    call({.method = Method::UnplugFromQemu, .vm = vm, .scope = {}, .detail = alias.str(), .error = {}},
        [this, vm, alias] {
            if (vmAt(vm).orphans.contains(alias) || vmAt(vm).domain.hasLive(alias))
                ask(vm, alias);
        });
}

void FakeHypervisor::dropFromQemu(const Uuid& vm, const std::vector<QemuBackend>& backends)
{
    call({.method = Method::DropFromQemu, .vm = vm, .scope = {}, .detail = {}, .error = {}}, [this, vm, backends] {
        auto& orphans = vmAt(vm).orphans;
        const auto dropped = [&, index = std::size_t{0}](const auto& orphan) mutable {
            const auto isNamed = [name = nodeOf(index++)](const QemuBackend& one) { return one.name == name; };
            return !orphan.second && std::ranges::any_of(backends, isNamed);
        };
        if (std::erase_if(orphans, dropped) == 0)
            throw HypervisorError(ErrorKind::Other, "Node is in use");
    });
}

Uuid FakeHypervisor::define(const std::string& domainXml)
{
    return call({.method = Method::Define, .vm = {}, .scope = {}, .detail = domainXml, .error = {}},
        [this, domainXml] {
            Vm vm(domainXml);
            const auto uuid = vm.domain.uuid();
            for (const auto& [other, known] : vms_)
                if (other == uuid || known.domain.name() == vm.domain.name())
                    throw HypervisorError(ErrorKind::Exists, "domain '" + vm.domain.name() + "' already exists");
            vms_.emplace(uuid, std::move(vm));
            emit(Event::Kind::DomainChanged, uuid);
            return uuid;
        });
}

void FakeHypervisor::start(const Uuid& vm)
{
    call({.method = Method::Start, .vm = vm, .scope = {}, .detail = {}, .error = {}}, [this, vm] {
        vmAt(vm).domain.start();
        vmAt(vm).away = Away::No;
        emit(Event::Kind::DomainChanged, vm);
    });
}

void FakeHypervisor::shutdown(const Uuid& vm)
{
    call({.method = Method::Shutdown, .vm = vm, .scope = {}, .detail = {}, .error = {}}, [this, vm] {
        vmAt(vm).domain.requireActive();
        if (vmAt(vm).domain.status == VmStatus::Running)
            stop(vm);
    });
}

void FakeHypervisor::destroy(const Uuid& vm)
{
    call({.method = Method::Destroy, .vm = vm, .scope = {}, .detail = {}, .error = {}}, [this, vm] { stop(vm); });
}

void FakeHypervisor::undefine(const Uuid& vm)
{
    call({.method = Method::Undefine, .vm = vm, .scope = {}, .detail = {}, .error = {}}, [this, vm] {
        vmAt(vm).domain.undefine();
        eraseIfGone(vm);
        emit(Event::Kind::DomainChanged, vm);
    });
}

std::unique_ptr<Hypervisor::Subscription> FakeHypervisor::subscribe(std::function<void(const Event&)> handle)
{
    return bus_.subscribe(std::move(handle));
}

bool FakeHypervisor::connected() const
{
    const Lock lock(mutex_);
    return connected_;
}

} // namespace hotplug::test
