#include "operation/vm_watch.h"

#include "base/log.h"

namespace hotplug {

namespace {

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
        spdlog::error("VM {}: {}", vm.str(), error.what());
    }
}

Domain readDomain(Hypervisor& hypervisor, const Uuid& vm)
{
    const auto xml = hypervisor.read(vm);
    return parseDomain(xml.status, xml.live, xml.config);
}

} // namespace

void VmWatch::heard(const Event& event)
{
    switch (event.kind) {
    case Event::Kind::Connected:
        return lookAtAll();
    case Event::Kind::DeviceAdded:
    case Event::Kind::DeviceRemoved:
        return queueLook(event.vm, event.alias);
    case Event::Kind::DomainChanged:
        return lookAt(event.vm);
    case Event::Kind::Redefined:
        return queueLook(event.vm, {.all = true, .eventsLost = true, .redefined = true});
    case Event::Kind::RecordsChanged:
        return queueLook(event.vm, Look{});
    case Event::Kind::Disconnected:
        return;
    }
}

void VmWatch::lookAtAll()
{
    if (!enqueue_(Uuid(), [this] { queueLooks(); }))
        spdlog::warn("no thread to look for drift");
}

void VmWatch::lookAt(const Uuid& vm)
{
    queueLook(vm, {.all = true, .eventsLost = true, .redefined = false});
}

void VmWatch::queueLooks()
{
    try {
        for (const auto& vm : hypervisor_.vms())
            lookAt(vm.uuid);
    } catch (const HypervisorError& error) {
        spdlog::warn("cannot look for drift: {}", error.what());
    }
}

void VmWatch::queueLook(const Uuid& vm, const Look& look)
{
    {
        const std::lock_guard lock(mutex_);
        auto [waiting, first] = waiting_.try_emplace(vm, look);
        waiting->second.all |= look.all;
        waiting->second.devices.insert(look.devices.begin(), look.devices.end());
        waiting->second.eventsLost |= look.eventsLost;
        waiting->second.redefined |= look.redefined;
        if (!first)
            return;
    }
    if (enqueue_(vm, [this, vm] { this->look(vm); }))
        return;
    take(vm);
    spdlog::warn("VM {}: no thread to look at it", vm.str());
}

VmWatch::Look VmWatch::take(const Uuid& vm)
{
    const std::lock_guard lock(mutex_);
    const auto waiting = waiting_.find(vm);
    auto look = std::move(waiting->second);
    waiting_.erase(waiting);
    return look;
}

void VmWatch::look(const Uuid& vm)
{
    const auto wanted = take(vm);
    loggingFailures(vm, [&] {
        const auto domain = readDomain(hypervisor_, vm);
        for (const auto& alias : wanted.devices)
            drift_.judge(domain, alias);
        if (!wanted.all)
            return;
        if (wanted.redefined)
            drift_.judgeRedefined(domain);
        drift_.judgeAll(domain, wanted.eventsLost);
        records_.keep(domain);
    });
}

/// Drift is judged behind whatever we are doing to the VM; what we do ourselves is none.
void VmWatch::queueLook(const Uuid& vm, const Alias& alias)
{
    if (open_.find(vm, Goal::Plug, alias) || open_.find(vm, Goal::Unplug, alias))
        return;
    queueLook(vm, Look{.all = false, .eventsLost = false, .redefined = false, .devices = {alias}});
}

} // namespace hotplug
