#include "mortal.h"

#include "base/scope_guard.h"

#include <type_traits>

namespace hotplug::test {

namespace {

using State = std::shared_ptr<Life::State>;

/// Runs a call with a world around it that goes on before and after.
template<typename RequireAlive, typename Call> auto amidst(Surroundings& around, RequireAlive&& requireAlive, Call&& call)
{
    if constexpr (std::is_void_v<decltype(call())>) {
        call();
        around.somethingHappens();
        requireAlive();
    } else {
        auto result = call();
        around.somethingHappens();
        requireAlive();
        return result;
    }
}

class MortalHypervisor : public Hypervisor {
    /// We were killed before libvirt had answered.
    struct Killed : HypervisorError {
        Killed() : HypervisorError(ErrorKind::Unavailable, "we are dead") {}
    };

    FakeHypervisor& libvirt() { return life_->around.libvirt(); }

    template<typename Call> auto quick(Call&& call)
    {
        requireAlive();
        life_->around.somethingHappens();
        requireAlive();
        return amidst(life_->around, [this] { requireAlive(); }, call);
    }

    template<typename Call> auto change(const Uuid& vm, Call&& call)
    {
        requireAlive();
        life_->around.somethingHappens();
        if (!life_->over)
            life_->around.waitWhileHung(vm);
        if (life_->over)
            throw Killed();
        return amidst(life_->around, [this] { requireAlive(); }, call);
    }

    void requireAlive() const
    {
        if (life_->over)
            throw HypervisorError(ErrorKind::Unavailable, "we are dead");
    }

public:
    explicit MortalHypervisor(State life) : life_(std::move(life)) {}

    std::vector<VmSummary> vms() override
    {
        return quick([&] { return libvirt().vms(); });
    }
    Uuid find(const std::string& name) override
    {
        return quick([&] { return libvirt().find(name); });
    }
    DomainXml read(const Uuid& vm) override
    {
        return quick([&] { return libvirt().read(vm); });
    }
    std::uint64_t readRequests(const Uuid& vm, const std::string& target) override
    {
        return quick([&] { return libvirt().readRequests(vm, target); });
    }
    bool hasJob(const Uuid& vm) override
    {
        return quick([&] { return libvirt().hasJob(vm); });
    }
    void attach(const Uuid& vm, Scope scope, const std::string& deviceXml) override
    {
        try {
            change(vm, [&] { libvirt().attach(vm, scope, deviceXml); });
        } catch (const Killed&) {
            if (!libvirt().connected() || life_->inAttach == Effect::None)
                throw;
            libvirt().failNext(Method::Attach, ErrorKind::Unavailable, life_->inAttach);
            libvirt().attach(vm, scope, deviceXml);
        }
    }
    void detach(const Uuid& vm, Scope scope, const Alias& alias) override
    {
        change(vm, [&] { libvirt().detach(vm, scope, alias); });
    }
    void detachTwin(const Uuid& vm, const std::string& deviceXml) override
    {
        change(vm, [&] { libvirt().detachTwin(vm, deviceXml); });
    }
    void update(const Uuid& vm, Scope scope, const std::string& deviceXml) override
    {
        change(vm, [&] { libvirt().update(vm, scope, deviceXml); });
    }
    void writeRecords(const Uuid& vm, Scope scope, const std::string& xml) override
    {
        change(vm, [&] { libvirt().writeRecords(vm, scope, xml); });
    }
    QemuView askQemu(const Uuid& vm) override
    {
        return change(vm, [&] { return libvirt().askQemu(vm); });
    }
    void unplugFromQemu(const Uuid& vm, const Alias& alias) override
    {
        change(vm, [&] { libvirt().unplugFromQemu(vm, alias); });
    }
    void dropFromQemu(const Uuid& vm, const std::vector<QemuBackend>& backends) override
    {
        change(vm, [&] { libvirt().dropFromQemu(vm, backends); });
    }
    Uuid define(const std::string& domainXml) override
    {
        return quick([&] { return libvirt().define(domainXml); });
    }
    void start(const Uuid& vm) override
    {
        change(vm, [&] { libvirt().start(vm); });
    }
    void shutdown(const Uuid& vm) override
    {
        change(vm, [&] { libvirt().shutdown(vm); });
    }
    void destroy(const Uuid& vm) override
    {
        change(vm, [&] { libvirt().destroy(vm); });
    }
    void undefine(const Uuid& vm) override
    {
        change(vm, [&] { libvirt().undefine(vm); });
    }
    std::unique_ptr<Subscription> subscribe(std::function<void(const Event&)> handle) override
    {
        return libvirt().subscribe([life = life_, handle = std::move(handle)](const Event& event) {
            if (!life->over)
                handle(event);
        });
    }
    bool connected() const override { return !life_->over && life_->around.libvirt().connected(); }

private:
    const State life_;
};

class MortalJournal : public Journal {
public:
    explicit MortalJournal(State life) : life_(std::move(life)) {}

    void open(const JournalEntry& entry) override
    {
        life_->around.opening(true);
        const ScopeGuard end([this] { life_->around.opening(false); });
        write([&] { file().open(entry); });
    }
    void rewrite(const Uuid& id, const Intent& intent) override
    {
        write([&] { file().rewrite(id, intent); });
    }
    void settle(const Uuid& id, Outcome outcome, std::optional<Reason> reason, const std::string& sentence) override
    {
        write([&] { file().settle(id, outcome, reason, sentence); });
    }
    void join(const Uuid& id, const std::string& requestId, const std::string& params) override
    {
        alive().join(id, requestId, params);    // with Operations' lock held: nobody else gets in between
    }
    void note(const JournalEvent& event) override
    {
        write([&] { file().note(event); });
    }
    void requireUsable() override { alive().requireUsable(); }
    // Nothing happens around reads: some are made with a lock held, for which everybody else would have to wait.
    std::vector<JournalEntry> unsettled() override { return alive().unsettled(); }
    std::optional<JournalEntry> find(const Uuid& id) override { return alive().find(id); }
    std::optional<JournalEntry> findRequest(const std::string& requestId) override { return alive().findRequest(requestId); }
    std::optional<JournalEntry> findDevice(const Uuid& vm, const Alias& alias) override { return alive().findDevice(vm, alias); }
    std::vector<JournalEntry> list(const OperationFilter& filter) override { return alive().list(filter); }
    std::vector<JournalEvent> timeline(const Uuid& operation) override { return alive().timeline(operation); }
    std::optional<JournalEvent> lastEvent(const Uuid& vm, const Alias& alias) override { return alive().lastEvent(vm, alias); }
    std::optional<std::vector<JournalEvent>> events(
        std::uint64_t after, std::size_t limit, const std::optional<Uuid>& vm) override
    {
        return alive().events(after, limit, vm);
    }
    std::uint64_t cursor() override { return alive().cursor(); }
    bool awaitEvent(std::uint64_t, Clock::time_point) override { return false; }
    void wakeWaiters() override {}

private:
    Journal& file() { return life_->around.journalFile(); }

    Journal& alive()
    {
        if (life_->over)
            throw JournalError("we are dead");
        return file();
    }

    template<typename Call> void write(Call&& call)
    {
        alive();
        life_->around.somethingHappens();
        alive();
        amidst(life_->around, [this] { alive(); }, call);
    }

    const State life_;
};

class MortalMachinery : public Machinery {
public:
    explicit MortalMachinery(State life) : life_(std::move(life)) {}

    Clock::time_point now() const override { return life_->around.now(); }
    void at(Clock::time_point when, std::function<void()> call) override
    {
        life_->around.at(when, [life = life_, call = std::move(call)] {
            if (!life->over)
                call();
        });
    }
    void start(std::function<void()> work) override { life_->around.start(std::move(work)); }
    void stopTimer() override { life_->over = true; }

private:
    const State life_;
};

} // namespace

Life::Life(Surroundings& around)
    : state_(std::make_shared<State>(State{around, false, Effect::None})), hypervisor_(std::make_unique<MortalHypervisor>(state_)),
      journal_(std::make_unique<MortalJournal>(state_))
{
}

void Life::end(Effect inAttach)
{
    state_->over = true;
    state_->inAttach = inAttach;
}

std::unique_ptr<Machinery> Life::machinery()
{
    return std::make_unique<MortalMachinery>(state_);
}

} // namespace hotplug::test
