#include "hypervisor/libvirt_hypervisor.h"

#include "hypervisor/domain_uuid.h"
#include "hypervisor/libvirt_connections.h"
#include "hypervisor/libvirt_error.h"
#include "hypervisor/libvirt_events.h"
#include "hypervisor/qemu_monitor.h"
#include "model/record.h"

#include <cstdlib>
#include <libvirt/libvirt-qemu.h>
#include <libvirt/virterror.h>

namespace hotplug {

namespace {

struct DomainCloser {
    void operator()(virDomainPtr domain) const { virDomainFree(domain); }
};
using Domain = std::unique_ptr<virDomain, DomainCloser>;

struct MallocCloser {
    void operator()(char* text) const { std::free(text); }
};
using CText = std::unique_ptr<char, MallocCloser>;

/// A domain with the connection that it hangs on.
struct Target {
    Connection connection;
    Domain domain;

    virDomainPtr get() const { return domain.get(); }
};

unsigned flagsOf(Scope scope)
{
    switch (scope) {
    case Scope::Live:
        return VIR_DOMAIN_AFFECT_LIVE;
    case Scope::Config:
        return VIR_DOMAIN_AFFECT_CONFIG;
    case Scope::Both:
        return VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG;
    }
    throw HypervisorError(ErrorKind::Invalid, "no such scope");
}

VmStatus statusOf(int state)
{
    switch (state) {
    case VIR_DOMAIN_RUNNING:
    case VIR_DOMAIN_BLOCKED:
        return VmStatus::Running;
    case VIR_DOMAIN_PAUSED:
        return VmStatus::Paused;
    case VIR_DOMAIN_SHUTDOWN:
        return VmStatus::ShuttingDown;
    case VIR_DOMAIN_CRASHED:
        return VmStatus::Crashed;
    case VIR_DOMAIN_PMSUSPENDED:
        return VmStatus::Suspended;
    default:
        return VmStatus::Down;
    }
}

struct State {
    VmStatus status = VmStatus::Down;
    int reason = 0;                             ///< libvirt's own, by state.
};

/// libvirt writes the id of an active domain, and only of one, into the document's first tag: one call tells both
/// whether the domain is active and what it looks like.
bool isLiveDocument(std::string_view xml)
{
    return xml.substr(0, xml.find('>')).find(" id='") != std::string_view::npos;
}

class LibvirtHypervisor final : public Hypervisor {
public:
    explicit LibvirtHypervisor(const LibvirtOptions& options) : connections_(options, bus_) {}

    std::vector<VmSummary> vms() override;
    Uuid find(const std::string& name) override;
    DomainXml read(const Uuid& vm) override;
    std::uint64_t readRequests(const Uuid& vm, const std::string& target) override;
    bool hasJob(const Uuid& vm) override;

    void attach(const Uuid& vm, Scope scope, const std::string& deviceXml) override
    {
        const auto target = forChanging(vm);
        check(target, virDomainAttachDeviceFlags(target.get(), deviceXml.c_str(), flagsOf(scope)));
    }

    void detach(const Uuid& vm, Scope scope, const Alias& alias) override
    {
        // LIVE|CONFIG would edit the definition although the guest may never answer.
        if (scope == Scope::Both)
            throw HypervisorError(ErrorKind::Invalid, "a detach is either live or of the definition");
        const auto target = forChanging(vm);
        check(target, virDomainDetachDeviceAlias(target.get(), alias.str().c_str(), flagsOf(scope)));
    }

    void detachTwin(const Uuid& vm, const std::string& deviceXml) override
    {
        const auto target = forChanging(vm);
        check(target, virDomainDetachDeviceFlags(target.get(), deviceXml.c_str(), VIR_DOMAIN_AFFECT_CONFIG));
    }

    void update(const Uuid& vm, Scope scope, const std::string& deviceXml) override
    {
        const auto target = forChanging(vm);
        check(target, virDomainUpdateDeviceFlags(target.get(), deviceXml.c_str(), flagsOf(scope)));
    }

    void writeRecords(const Uuid& vm, Scope scope, const std::string& xml) override
    {
        const auto target = forChanging(vm);
        check(target, virDomainSetMetadata(target.get(), VIR_DOMAIN_METADATA_ELEMENT,
            xml.empty() ? nullptr : xml.c_str(), "hotplugd", recordSpace, flagsOf(scope)));
    }

    QemuView askQemu(const Uuid& vm) override
    {
        const auto target = forChanging(vm);
        return hotplug::askQemu(monitorOf(target));
    }

    void unplugFromQemu(const Uuid& vm, const Alias& alias) override
    {
        const auto target = forChanging(vm);
        hotplug::unplugFromQemu(monitorOf(target), alias);
    }

    void dropFromQemu(const Uuid& vm, const std::vector<QemuBackend>& backends) override
    {
        const auto target = forChanging(vm);
        hotplug::dropFromQemu(monitorOf(target), backends);
    }

    Uuid define(const std::string& domainXml) override;

    void start(const Uuid& vm) override
    {
        const auto target = forChanging(vm);
        check(target, virDomainCreate(target.get()));
    }

    void shutdown(const Uuid& vm) override
    {
        const auto target = forChanging(vm);
        check(target, virDomainShutdownFlags(target.get(), VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN));
    }

    void destroy(const Uuid& vm) override
    {
        const auto target = forChanging(vm);
        check(target, virDomainDestroy(target.get()));
    }

    void undefine(const Uuid& vm) override
    {
        const auto target = forChanging(vm);
        check(target, virDomainUndefineFlags(target.get(), VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
            | VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA | VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
            | VIR_DOMAIN_UNDEFINE_NVRAM));
    }

    std::unique_ptr<Subscription> subscribe(std::function<void(const Event&)> handle) override
    {
        return bus_->subscribe(std::move(handle));
    }

    bool connected() const override { return connections_.connected(); }

private:
    Target forReading(const Uuid& vm) { return lookUp(connections_.forReading(), vm); }
    Target forChanging(const Uuid& vm) { return lookUp(connections_.forChanging(), vm); }
    Target forAskingQemu(const Uuid& vm) { return lookUp(connections_.forAskingQemu(), vm); }

    Target lookUp(Connection connection, const Uuid& vm)
    {
        Domain domain(virDomainLookupByUUID(connection.get(), vm.bytes().data()));
        if (!domain)
            fail(connection);
        return {std::move(connection), std::move(domain)};
    }

    /// Throws what libvirt said last. When the connection broke meanwhile nobody knows what has happened.
    [[noreturn]] void fail(const Connection& connection)
    {
        auto error = lastLibvirtError();
        if (virConnectIsAlive(connection.get()) == 1)
            throw error;
        connections_.reportBroken(connection);
        throw HypervisorError(ErrorKind::Unavailable, error.what());
    }

    /// For libvirt's calls that answer −1 in trouble.
    int check(const Target& target, int result)
    {
        if (result < 0)
            fail(target.connection);
        return result;
    }

    State state(const Target& target)
    {
        int state = 0, reason = 0;
        check(target, virDomainGetState(target.get(), &state, &reason, 0));
        return {statusOf(state), reason};
    }

    /// Of a domain that is not active. A libvirtd that was restarted has forgotten the reason.
    Away away(const Target& target, const State& state)
    {
        if (state.status != VmStatus::Down)
            return Away::No;
        if (state.reason == VIR_DOMAIN_SHUTOFF_MIGRATED)
            return Away::Migrated;
        const bool saved = state.reason == VIR_DOMAIN_SHUTOFF_SAVED
            || check(target, virDomainHasManagedSaveImage(target.get(), 0)) == 1;
        return saved ? Away::Saved : Away::No;
    }

    std::string xml(const Target& target, unsigned flags)
    {
        const CText text(virDomainGetXMLDesc(target.get(), flags));
        if (!text)
            fail(target.connection);
        return text.get();
    }

    /// Good as long as the target is.
    QemuMonitor monitorOf(const Target& target)
    {
        return [this, &target](const std::string& command, unsigned flags) {
            char* text = nullptr;
            check(target, virDomainQemuMonitorCommand(target.get(), command.c_str(), &text, flags));
            const CText reply(text);
            return std::string(reply.get());
        };
    }

    VmSummary summary(const Target& target);
    DomainXml readOnce(const Target& target);
    void refuseTaken(const Connection& connection, const std::string& domainXml);

    // In this order: the loop runs before the first connection is opened and after the last is closed.
    std::shared_ptr<EventBus> bus_ = std::make_shared<EventBus>();
    EventLoop loop_;
    Connections connections_;
};

VmSummary LibvirtHypervisor::summary(const Target& target)
{
    Uuid::Bytes uuid{};
    check(target, virDomainGetUUID(target.get(), uuid.data()));
    return {.uuid = Uuid(uuid),
        .name = virDomainGetName(target.get()),
        .status = state(target).status,
        .persistent = check(target, virDomainIsPersistent(target.get())) == 1};
}

std::vector<VmSummary> LibvirtHypervisor::vms()
{
    const auto connection = connections_.forReading();
    virDomainPtr* list = nullptr;
    const int count = virConnectListAllDomains(connection.get(), &list, 0);
    if (count < 0)
        fail(connection);
    std::vector<Target> targets;
    for (int i = 0; i < count; ++i)
        targets.push_back({connection, Domain(list[i])});
    std::free(list);

    std::vector<VmSummary> found;
    for (const auto& target : targets) {
        try {
            found.push_back(summary(target));
        } catch (const HypervisorError& error) {
            if (error.kind() != ErrorKind::NoDomain)        // Gone since it was listed: rightly absent.
                throw;
        }
    }
    return found;
}

Uuid LibvirtHypervisor::find(const std::string& name)
{
    const auto connection = connections_.forReading();
    const Domain domain(virDomainLookupByName(connection.get(), name.c_str()));
    Uuid::Bytes uuid{};
    if (!domain || virDomainGetUUID(domain.get(), uuid.data()) < 0)
        fail(connection);
    return Uuid(uuid);
}

bool LibvirtHypervisor::hasJob(const Uuid& vm)
{
    const auto target = forChanging(vm);
    virDomainControlInfo control{};
    check(target, virDomainGetControlInfo(target.get(), &control, 0));
    if (control.state == VIR_DOMAIN_CONTROL_OCCUPIED)
        return false;                           // QEMU does not answer somebody: the question would wait for it, too
    virDomainJobInfo job{};
    check(target, virDomainGetJobInfo(target.get(), &job));
    return job.type == VIR_DOMAIN_JOB_BOUNDED || job.type == VIR_DOMAIN_JOB_UNBOUNDED;
}

DomainXml LibvirtHypervisor::readOnce(const Target& target)
{
    DomainXml seen;
    if (auto document = xml(target, 0); isLiveDocument(document))
        seen.live = std::move(document);
    const auto now = state(target);
    seen.status = now.status;
    if (!seen.live)
        seen.away = away(target, now);
    if (check(target, virDomainIsPersistent(target.get())) == 1)
        seen.config = xml(target, VIR_DOMAIN_XML_INACTIVE);
    return seen;
}

DomainXml LibvirtHypervisor::read(const Uuid& vm)
{
    const auto target = forReading(vm);
    auto seen = readOnce(target);
    // Started or stopped between the calls: look again. The live document is the truth, the status follows.
    for (int again = 0; again < 3 && seen.live.has_value() == (seen.status == VmStatus::Down); ++again)
        seen = readOnce(target);
    if (!seen.live && !seen.config)             // A transient VM that has left while it was read.
        throw HypervisorError(ErrorKind::NoDomain, "the domain has neither a live nor a persistent definition");
    if (!seen.live && seen.status != VmStatus::Crashed)
        seen.status = VmStatus::Down;
    return seen;
}

std::uint64_t LibvirtHypervisor::readRequests(const Uuid& vm, const std::string& target)
{
    // Asks QEMU, so not on the connection of the reads, which must answer while a QEMU hangs, nor on those of the
    // changes, which would queue behind it.
    const auto domain = forAskingQemu(vm);
    virDomainBlockStatsStruct stats{};
    check(domain, virDomainBlockStats(domain.get(), target.c_str(), &stats, sizeof stats));
    return stats.rd_req < 0 ? 0 : static_cast<std::uint64_t>(stats.rd_req);
}

/// libvirt refuses a name or a UUID taken by a different domain; the same pair it would redefine.
void LibvirtHypervisor::refuseTaken(const Connection& connection, const std::string& domainXml)
{
    const auto uuid = domainUuid(domainXml);
    if (!uuid)
        return;
    if (const Domain taken(virDomainLookupByUUIDString(connection.get(), uuid->c_str())); taken)
        throw HypervisorError(ErrorKind::Exists, "a domain with UUID " + *uuid + " exists already");
    virResetLastError();
}

Uuid LibvirtHypervisor::define(const std::string& domainXml)
{
    const auto connection = connections_.forChanging();
    // Somebody else may define the same domain between the two calls; then it is redefined.
    refuseTaken(connection, domainXml);
    const Domain domain(virDomainDefineXMLFlags(connection.get(), domainXml.c_str(), VIR_DOMAIN_DEFINE_VALIDATE));
    Uuid::Bytes uuid{};
    if (!domain || virDomainGetUUID(domain.get(), uuid.data()) < 0)
        fail(connection);
    return Uuid(uuid);
}

} // namespace

std::unique_ptr<Hypervisor> connectLibvirt(const LibvirtOptions& options)
{
    return std::make_unique<LibvirtHypervisor>(options);
}

} // namespace hotplug
