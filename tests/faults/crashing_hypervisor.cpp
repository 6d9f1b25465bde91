#include "faults/crashing_foundations.h"

#include "libvirtxml/domain.h"
#include "libvirtxml/records.h"

#include <algorithm>
#include <pugixml.hpp>
#include <stdexcept>

namespace hotplug::test {

namespace {

VmRecord readDocument(const std::string& xml)
{
    pugi::xml_document document;
    document.load_string(("<domain><metadata>" + xml + "</metadata></domain>").c_str());
    const auto domain = document.child("domain");
    domain.child("metadata").first_child().append_attribute("xmlns") = "urn:hotplugd:vm:1";     // as libvirt does
    const auto read = readRecords(domain);
    if (!read.records)
        throw std::logic_error("hotplugd writes records that it could not read");
    return *read.records;
}

/// The same call serves three acts; what it changes tells them apart.
Act actOf(const VmRecord& before, const VmRecord& after)
{
    if (before.devices == after.devices)
        return Act::Barrier;
    const bool more = std::ranges::any_of(after.devices, [&](const DeviceRecord& record) {
        return record.plugged && std::ranges::find(before.devices, record) == before.devices.end();
    });
    return more ? Act::WriteRecord : Act::EraseRecord;
}

class CrashingHypervisor final : public Hypervisor {
public:
    CrashingHypervisor(std::unique_ptr<Hypervisor> real, std::shared_ptr<CrashingSteps> steps)
        : real_(std::move(real)), steps_(std::move(steps))
    {
    }

    void attach(const Uuid& vm, Scope scope, const std::string& deviceXml) override
    {
        steps_->around(scope == Scope::Config ? Act::AttachConfig : Act::Attach, [&] {
            if (scope != Scope::Config && steps_->orders().takeRefusal())
                throw HypervisorError(ErrorKind::AddressInUse, "Attempted double use of PCI Address, as ordered");
            real_->attach(vm, scope, deviceXml);
        });
    }
    void detach(const Uuid& vm, Scope scope, const Alias& alias) override
    {
        steps_->around(scope == Scope::Config ? Act::DetachConfig : Act::DetachLive,
            [&] { real_->detach(vm, scope, alias); });
    }
    void detachTwin(const Uuid& vm, const std::string& deviceXml) override
    {
        steps_->around(Act::DetachConfig, [&] { real_->detachTwin(vm, deviceXml); });
    }
    void writeRecords(const Uuid& vm, Scope scope, const std::string& xml) override
    {
        if (scope == Scope::Config)                 // a lost copy is restored, which is no act
            return real_->writeRecords(vm, scope, xml);
        const auto now = real_->read(vm);
        const auto before = parseDomain(now.status, now.live, now.config).records;
        steps_->around(actOf(before, readDocument(xml)), [&] { real_->writeRecords(vm, scope, xml); });
    }

    QemuView askQemu(const Uuid& vm) override
    {
        QemuView view;
        steps_->around(Act::AskQemu, [&] { view = real_->askQemu(vm); });
        return view;
    }
    void unplugFromQemu(const Uuid& vm, const Alias& alias) override
    {
        steps_->around(Act::UnplugFromQemu, [&] { real_->unplugFromQemu(vm, alias); });
    }
    void dropFromQemu(const Uuid& vm, const std::vector<QemuBackend>& backends) override
    {
        steps_->around(Act::DropFromQemu, [&] { real_->dropFromQemu(vm, backends); });
    }

    std::vector<VmSummary> vms() override { return real_->vms(); }
    Uuid find(const std::string& vmName) override { return real_->find(vmName); }
    DomainXml read(const Uuid& vm) override { return real_->read(vm); }
    std::uint64_t readRequests(const Uuid& vm, const std::string& target) override
    {
        return real_->readRequests(vm, target);
    }
    bool hasJob(const Uuid& vm) override { return real_->hasJob(vm); }
    void update(const Uuid& vm, Scope scope, const std::string& deviceXml) override
    {
        real_->update(vm, scope, deviceXml);
    }
    Uuid define(const std::string& domainXml) override { return real_->define(domainXml); }
    void start(const Uuid& vm) override { real_->start(vm); }
    void shutdown(const Uuid& vm) override { real_->shutdown(vm); }
    void destroy(const Uuid& vm) override { real_->destroy(vm); }
    void undefine(const Uuid& vm) override { real_->undefine(vm); }
    std::unique_ptr<Subscription> subscribe(std::function<void(const Event&)> handle) override
    {
        return real_->subscribe(std::move(handle));
    }
    bool connected() const override { return real_->connected(); }

private:
    std::unique_ptr<Hypervisor> real_;
    std::shared_ptr<CrashingSteps> steps_;
};

} // namespace

std::unique_ptr<Hypervisor> crashing(std::unique_ptr<Hypervisor> real, std::shared_ptr<CrashingSteps> steps)
{
    return std::make_unique<CrashingHypervisor>(std::move(real), std::move(steps));
}

} // namespace hotplug::test
