#include "hypervisor/libvirt_events.h"

#include "base/log.h"
#include "base/thread_pool.h"
#include "hypervisor/libvirt_error.h"
#include "model/record.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <libvirt/virterror.h>
#include <mutex>
#include <string_view>

namespace hotplug {

namespace {

/// Errors reach their caller as exceptions, so libvirt prints none; its log keeps to what is worse than a warning,
/// unless an operator asked for more. With LIBVIRT_LOG_OUTPUTS set libvirt prints errors in spite of the handler,
/// therefore only the level is set.
void silenceLibvirt()
{
    const bool asked = std::getenv("LIBVIRT_LOG_OUTPUTS") || std::getenv("LIBVIRT_LOG_FILTERS");
    if (!asked)
        ::setenv("LIBVIRT_DEBUG", "4", 0);
    virInitialize();
    virSetErrorFunc(nullptr, [](void*, virErrorPtr) {});
}

void prepareLibvirt()
{
    static std::once_flag once;
    std::call_once(once, [] {
        silenceLibvirt();
        // libvirt writes to a libvirtd that has died, from the loop's thread and from callers' threads.
        std::signal(SIGPIPE, SIG_IGN);
        virEventRegisterDefaultImpl();
    });
}

EventBus& busOf(void* opaque)
{
    return **static_cast<std::shared_ptr<EventBus>*>(opaque);
}

void freeBus(void* opaque)
{
    delete static_cast<std::shared_ptr<EventBus>*>(opaque);
}

void post(void* opaque, virDomainPtr domain, Event event)
{
    guarded("libvirt event", [&] {
        Uuid::Bytes uuid{};
        virDomainGetUUID(domain, uuid.data());
        event.vm = Uuid(uuid);
        busOf(opaque).post(event);
    });
}

void onDeviceRemoved(virConnectPtr, virDomainPtr domain, const char* alias, void* opaque)
{
    post(opaque, domain, {.kind = Event::Kind::DeviceRemoved, .vm = {}, .alias = Alias(alias)});
}

void onDeviceAdded(virConnectPtr, virDomainPtr domain, const char* alias, void* opaque)
{
    post(opaque, domain, {.kind = Event::Kind::DeviceAdded, .vm = {}, .alias = Alias(alias)});
}

Away awayAfter(int change, int detail)
{
    if (change != VIR_DOMAIN_EVENT_STOPPED)
        return Away::No;
    if (detail == VIR_DOMAIN_EVENT_STOPPED_MIGRATED)
        return Away::Migrated;
    return detail == VIR_DOMAIN_EVENT_STOPPED_SAVED ? Away::Saved : Away::No;
}

int onLifecycle(virConnectPtr, virDomainPtr domain, int change, int detail, void* opaque)
{
    const bool redefined = change == VIR_DOMAIN_EVENT_DEFINED && detail == VIR_DOMAIN_EVENT_DEFINED_UPDATED;
    const auto kind = redefined ? Event::Kind::Redefined : Event::Kind::DomainChanged;
    post(opaque, domain, {.kind = kind, .vm = {}, .alias = {}, .away = awayAfter(change, detail)});
    return 0;
}

void onMetadata(virConnectPtr, virDomainPtr domain, int type, const char* space, void* opaque)
{
    if (type == VIR_DOMAIN_METADATA_ELEMENT && space && std::string_view(space) == recordSpace)
        post(opaque, domain, {.kind = Event::Kind::RecordsChanged, .vm = {}, .alias = {}});
}

} // namespace

EventLoop::EventLoop()
{
    prepareLibvirt();
    wakeUp_ = virEventAddTimeout(-1, [](int, void*) {}, nullptr, nullptr);
    thread_ = std::thread([this] { run(); });
}

EventLoop::~EventLoop()
{
    stopping_ = true;
    stopped_.release();
    virEventUpdateTimeout(wakeUp_, 0);      // Due at once: the loop turns and sees that it should stop.
    thread_.join();
    virEventRemoveTimeout(wakeUp_);
}

void EventLoop::run()
{
    nameThisThread("libvirt-events");
    while (!stopping_) {
        guarded("libvirt event loop", [this] {
            if (virEventRunDefaultImpl() >= 0)
                return;
            spdlog::error("libvirt's event loop failed: {}", lastLibvirtError().what());
            if (stopped_.try_acquire_for(std::chrono::milliseconds(100)))       // a pause that the end cuts short
                stopped_.release();
        });
    }
}

EventRegistration::EventRegistration(virConnectPtr connection, const std::shared_ptr<EventBus>& bus)
    : connection_(connection)
{
    try {
        add(VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, VIR_DOMAIN_EVENT_CALLBACK(onDeviceRemoved), bus);
        add(VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, VIR_DOMAIN_EVENT_CALLBACK(onDeviceAdded), bus);
        add(VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK(onLifecycle), bus);
        add(VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, VIR_DOMAIN_EVENT_CALLBACK(onMetadata), bus);
    } catch (...) {
        removeAll();
        throw;
    }
}

EventRegistration::~EventRegistration()
{
    removeAll();
}

void EventRegistration::add(int eventId, virConnectDomainEventGenericCallback callback,
    const std::shared_ptr<EventBus>& bus)
{
    // libvirt frees it when the callback can no longer run, which may be after our deregistration.
    auto holder = std::make_unique<std::shared_ptr<EventBus>>(bus);
    const int id = virConnectDomainEventRegisterAny(connection_, nullptr, eventId, callback, holder.get(), freeBus);
    if (id < 0)
        throw HypervisorError(ErrorKind::Unavailable, lastLibvirtError().what());
    static_cast<void>(holder.release());
    callbacks_.push_back(id);
}

void EventRegistration::removeAll()
{
    for (const int id : callbacks_)
        virConnectDomainEventDeregisterAny(connection_, id);
}

} // namespace hotplug
