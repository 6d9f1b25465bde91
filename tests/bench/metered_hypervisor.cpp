#include "bench/metered_hypervisor.h"

#include "base/scope_guard.h"

#include <algorithm>

namespace hotplug::bench {

void Meter::clear()
{
    const std::lock_guard lock(mutex_);
    spans_.clear();
    removals_.clear();
}

void Meter::note(Span span)
{
    const std::lock_guard lock(mutex_);
    spans_.push_back(std::move(span));
}

void Meter::noteRemoval(const Alias& alias)
{
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    removals_[alias.str()] = now;
}

Clock::time_point Meter::removalOf(const std::string& alias) const
{
    const std::lock_guard lock(mutex_);
    return removals_.at(alias);
}

Duration Meter::outside(Clock::time_point from, Clock::time_point to) const
{
    const std::lock_guard lock(mutex_);
    auto spans = spans_;
    std::ranges::sort(spans, {}, &Span::from);
    Duration own{0};
    auto seen = from;                               // up to here the time is accounted for
    for (const auto& span : spans) {
        if (span.to <= seen || span.from >= to)
            continue;
        own += std::max(Clock::duration(0), span.from - seen);
        seen = span.to;
    }
    return own + std::max(Clock::duration(0), to - seen);
}

Duration Meter::inside(const std::string& call) const
{
    const std::lock_guard lock(mutex_);
    Duration sum{0};
    for (const auto& span : spans_)
        if (span.call == call)
            sum += span.to - span.from;
    return sum;
}

namespace {

class MeteredHypervisor final : public Hypervisor {
    template<typename Call> auto timed(const char* name, Call&& call)
    {
        const auto from = Clock::now();
        const ScopeGuard note([&] { meter_.note({name, from, Clock::now()}); });
        return call();
    }

public:
    MeteredHypervisor(Hypervisor& real, Meter& meter) : real_(real), meter_(meter) {}

    std::vector<VmSummary> vms() override
    {
        return timed("vms", [&] { return real_.vms(); });
    }
    Uuid find(const std::string& vmName) override
    {
        return timed("find", [&] { return real_.find(vmName); });
    }
    DomainXml read(const Uuid& vm) override
    {
        return timed("read", [&] { return real_.read(vm); });
    }
    std::uint64_t readRequests(const Uuid& vm, const std::string& target) override
    {
        return timed("readRequests", [&] { return real_.readRequests(vm, target); });
    }
    bool hasJob(const Uuid& vm) override
    {
        return timed("hasJob", [&] { return real_.hasJob(vm); });
    }
    void attach(const Uuid& vm, Scope scope, const std::string& deviceXml) override
    {
        timed("attach", [&] { real_.attach(vm, scope, deviceXml); });
    }
    void detach(const Uuid& vm, Scope scope, const Alias& alias) override
    {
        timed(scope == Scope::Live ? "detach live" : "detach config", [&] { real_.detach(vm, scope, alias); });
    }
    void detachTwin(const Uuid& vm, const std::string& deviceXml) override
    {
        timed("detachTwin", [&] { real_.detachTwin(vm, deviceXml); });
    }
    void update(const Uuid& vm, Scope scope, const std::string& deviceXml) override
    {
        timed("update", [&] { real_.update(vm, scope, deviceXml); });
    }
    void writeRecords(const Uuid& vm, Scope scope, const std::string& xml) override
    {
        timed("writeRecords", [&] { real_.writeRecords(vm, scope, xml); });
    }
    QemuView askQemu(const Uuid& vm) override
    {
        return timed("askQemu", [&] { return real_.askQemu(vm); });
    }
    void unplugFromQemu(const Uuid& vm, const Alias& alias) override
    {
        timed("unplugFromQemu", [&] { real_.unplugFromQemu(vm, alias); });
    }
    void dropFromQemu(const Uuid& vm, const std::vector<QemuBackend>& backends) override
    {
        timed("dropFromQemu", [&] { real_.dropFromQemu(vm, backends); });
    }
    Uuid define(const std::string& domainXml) override
    {
        return timed("define", [&] { return real_.define(domainXml); });
    }
    void start(const Uuid& vm) override
    {
        timed("start", [&] { real_.start(vm); });
    }
    void shutdown(const Uuid& vm) override
    {
        timed("shutdown", [&] { real_.shutdown(vm); });
    }
    void destroy(const Uuid& vm) override
    {
        timed("destroy", [&] { real_.destroy(vm); });
    }
    void undefine(const Uuid& vm) override
    {
        timed("undefine", [&] { real_.undefine(vm); });
    }
    std::unique_ptr<Subscription> subscribe(std::function<void(const Event&)> handle) override
    {
        return real_.subscribe([&meter = meter_, handle](const Event& event) {
            if (event.kind == Event::Kind::DeviceRemoved)
                meter.noteRemoval(event.alias);
            handle(event);
        });
    }
    bool connected() const override { return real_.connected(); }

private:
    Hypervisor& real_;
    Meter& meter_;
};

} // namespace

std::unique_ptr<Hypervisor> metered(Hypervisor& real, Meter& meter)
{
    return std::make_unique<MeteredHypervisor>(real, meter);
}

} // namespace hotplug::bench
