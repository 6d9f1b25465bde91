#pragma once

#include "base/bounded_calls.h"
#include "hypervisor/hypervisor.h"

#include <string>

namespace hotplug {

/// The same libvirt for those who may not be held up (SPEC K6): vms(), find() and read() are answered within the limit,
/// else Unavailable is thrown, and what did not answer is not asked again before it does. That is one VM, while libvirt
/// keeps it locked, and the list of all; with four of them it is libvirt. Everything else is passed on as it is.
class TimelyReads final : public Hypervisor {
public:
    static constexpr milliseconds usualLimit{2000};

    /// The inner one must outlive this object.
    explicit TimelyReads(Hypervisor& inner, milliseconds limit = usualLimit);
    /// Waits for reads under way: after a stop() that returned false, do not come here.
    ~TimelyReads() override;

    /// Takes no more reads and waits that long for those under way. False: one is stuck in libvirt.
    bool stop(milliseconds patience) { return reads_.stop(patience); }

    std::vector<VmSummary> vms() override;
    Uuid find(const std::string& name) override;
    DomainXml read(const Uuid& vm) override;

    std::uint64_t readRequests(const Uuid& vm, const std::string& target) override { return inner_.readRequests(vm, target); }
    bool hasJob(const Uuid& vm) override { return inner_.hasJob(vm); }
    void attach(const Uuid& vm, Scope scope, const std::string& deviceXml) override { inner_.attach(vm, scope, deviceXml); }
    void detach(const Uuid& vm, Scope scope, const Alias& alias) override { inner_.detach(vm, scope, alias); }
    void detachTwin(const Uuid& vm, const std::string& deviceXml) override { inner_.detachTwin(vm, deviceXml); }
    void update(const Uuid& vm, Scope scope, const std::string& deviceXml) override { inner_.update(vm, scope, deviceXml); }
    void writeRecords(const Uuid& vm, Scope scope, const std::string& xml) override { inner_.writeRecords(vm, scope, xml); }
    QemuView askQemu(const Uuid& vm) override { return inner_.askQemu(vm); }
    void unplugFromQemu(const Uuid& vm, const Alias& alias) override { inner_.unplugFromQemu(vm, alias); }
    void dropFromQemu(const Uuid& vm, const std::vector<QemuBackend>& all) override { inner_.dropFromQemu(vm, all); }
    Uuid define(const std::string& domainXml) override { return inner_.define(domainXml); }
    void start(const Uuid& vm) override { inner_.start(vm); }
    void shutdown(const Uuid& vm) override { inner_.shutdown(vm); }
    void destroy(const Uuid& vm) override { inner_.destroy(vm); }
    void undefine(const Uuid& vm) override { inner_.undefine(vm); }
    std::unique_ptr<Subscription> subscribe(std::function<void(const Event&)> handle) override
    {
        return inner_.subscribe(std::move(handle));
    }
    bool connected() const override { return inner_.connected(); }

private:
    template<typename Read> auto inTime(BoundedCalls::Place place, Read read);

    Hypervisor& inner_;
    const milliseconds limit_;
    BoundedCalls reads_;
};

} // namespace hotplug
