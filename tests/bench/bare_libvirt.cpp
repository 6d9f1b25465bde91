#include "bench/bare_libvirt.h"

#include <chrono>
#include <condition_variable>
#include <libvirt/virterror.h>
#include <mutex>
#include <set>
#include <stdexcept>

namespace hotplug::bench {

namespace {

[[noreturn]] void fail(const std::string& call)
{
    throw std::runtime_error("bare libvirt: " + call + ": " + virGetLastErrorMessage());
}

void check(const std::string& call, int result)
{
    if (result < 0)
        fail(call);
}

std::string uuidOf(virDomainPtr domain)
{
    char text[VIR_UUID_STRING_BUFLEN] = {};
    check("virDomainGetUUIDString", virDomainGetUUIDString(domain, text));
    return text;
}

} // namespace

/// Shared with libvirt, which may deliver an event after our deregistration.
struct BareLibvirt::Removals {
    std::mutex mutex;
    std::condition_variable changed;
    std::set<std::string> seen;

    static void heard(virConnectPtr, virDomainPtr domain, const char* alias, void* opaque)
    {
        auto& self = **static_cast<std::shared_ptr<Removals>*>(opaque);
        const std::lock_guard lock(self.mutex);
        self.seen.insert(uuidOf(domain) + alias);
        self.changed.notify_all();
    }

    static void free(void* opaque) { delete static_cast<std::shared_ptr<Removals>*>(opaque); }

    void forget(const std::string& device)
    {
        const std::lock_guard lock(mutex);
        seen.erase(device);
    }

    void waitFor(const std::string& device)
    {
        std::unique_lock lock(mutex);
        if (!changed.wait_for(lock, std::chrono::seconds(30), [&] { return seen.contains(device); }))
            throw std::runtime_error("bare libvirt: the guest has not let go of " + device);
    }
};

BareLibvirt::BareLibvirt(const std::string& uri)
    : removals_(std::make_shared<Removals>()), connection_(virConnectOpen(uri.c_str()))
{
    if (!connection_)
        fail("virConnectOpen");
    callback_ = virConnectDomainEventRegisterAny(connection_, nullptr, VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
        VIR_DOMAIN_EVENT_CALLBACK(Removals::heard), new std::shared_ptr<Removals>(removals_), Removals::free);
}

BareLibvirt::~BareLibvirt()
{
    if (callback_ >= 0)
        virConnectDomainEventDeregisterAny(connection_, callback_);
    virConnectClose(connection_);
}

DomainHandle BareLibvirt::define(const std::string& xml)
{
    DomainHandle domain(virDomainDefineXMLFlags(connection_, xml.c_str(), VIR_DOMAIN_DEFINE_VALIDATE));
    if (!domain)
        fail("virDomainDefineXMLFlags");
    return domain;
}

DomainHandle BareLibvirt::find(const std::string& uuid)
{
    DomainHandle domain(virDomainLookupByUUIDString(connection_, uuid.c_str()));
    if (!domain)
        fail("virDomainLookupByUUIDString");
    return domain;
}

void BareLibvirt::start(virDomainPtr domain)
{
    check("virDomainCreate", virDomainCreate(domain));
}

void BareLibvirt::startPaused(virDomainPtr domain)
{
    check("virDomainCreateWithFlags", virDomainCreateWithFlags(domain, VIR_DOMAIN_START_PAUSED));
}

void BareLibvirt::remove(virDomainPtr domain)
{
    if (virDomainIsActive(domain) == 1)
        check("virDomainDestroy", virDomainDestroy(domain));
    check("virDomainUndefine", virDomainUndefine(domain));
}

void BareLibvirt::plug(virDomainPtr domain, const std::string& deviceXml)
{
    check("virDomainAttachDeviceFlags", virDomainAttachDeviceFlags(domain, deviceXml.c_str(),
        VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG));
}

void BareLibvirt::unplug(virDomainPtr domain, const std::string& alias)
{
    const auto device = uuidOf(domain) + alias;
    removals_->forget(device);
    check("virDomainDetachDeviceAlias", virDomainDetachDeviceAlias(domain, alias.c_str(), VIR_DOMAIN_AFFECT_LIVE));
    removals_->waitFor(device);
    check("virDomainDetachDeviceAlias", virDomainDetachDeviceAlias(domain, alias.c_str(), VIR_DOMAIN_AFFECT_CONFIG));
}

} // namespace hotplug::bench
