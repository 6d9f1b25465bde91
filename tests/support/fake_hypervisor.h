#pragma once

#include "hypervisor/event_bus.h"
#include "support/fake_domain.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace hotplug::test {

enum class Method {
    Vms, Find, Read, ReadRequests, HasJob, AskQemu, UnplugFromQemu, DropFromQemu, Attach, Detach, DetachTwin, Update, WriteRecords, Define, Start, Shutdown, Destroy,
    Undefine,
};

/// How the guest (and QEMU and libvirt before it) answers live unplug requests for one device.
struct UnplugScript {
    unsigned busy = 0;                  ///< This many requests fail with GuestBusy first.
    unsigned asks = 1;                  ///< The request on which it lets go, GuestBusy ones not counted; 0: never by itself.
    bool event = true;                  ///< False: gone from the XML without a DEVICE_REMOVED.
    bool repeatsRefused = false;        ///< Requests while one is pending fail with AlreadyUnplugging.
};

/// What a failing call does to the VM all the same.
enum class Effect {
    None,
    Done,                               ///< It took effect before the call failed.
    Orphan,                             ///< Attach: QEMU has the device and the live XML never shows it.
    OrphanBackend,                      ///< Attach: QEMU has what is behind the device only.
    Late,                               ///< It takes effect at the VM's next writeRecords (the barrier) or at land().
};

struct Call {
    Method method;
    Uuid vm;                            ///< Nil for vms, find and define.
    std::optional<Scope> scope;
    std::string detail;                 ///< Alias, XML, name or target: whatever the call carried.
    std::optional<ErrorKind> error;     ///< Empty: it returned.
};

/// An in-memory libvirt for tests, with a scripted guest. Thread-safe. VMs are made by the port's own define and start,
/// or uncounted by addVm. A paused VM answers no unplug before it is resumed.
class FakeHypervisor final : public Hypervisor {
public:
    enum class Delivery {
        Manual,                         ///< Events wait for deliverEvents(): for tests that must not depend on time.
        Thread,                         ///< Delivered by a thread of the fake, as libvirt does.
    };
    enum class Birth { Stopped, Running, Transient };

    explicit FakeHypervisor(Delivery delivery = Delivery::Thread);
    ~FakeHypervisor() override;         ///< Releases whatever hangs.

    // The port.
    std::vector<VmSummary> vms() override;
    Uuid find(const std::string& name) override;
    DomainXml read(const Uuid& vm) override;
    std::uint64_t readRequests(const Uuid& vm, const std::string& target) override;
    bool hasJob(const Uuid& vm) override;
    void attach(const Uuid& vm, Scope scope, const std::string& deviceXml) override;
    void detach(const Uuid& vm, Scope scope, const Alias& alias) override;
    void detachTwin(const Uuid& vm, const std::string& deviceXml) override;
    void update(const Uuid& vm, Scope scope, const std::string& deviceXml) override;
    void writeRecords(const Uuid& vm, Scope scope, const std::string& xml) override;
    QemuView askQemu(const Uuid& vm) override;      ///< The devices of the live XML, and orphans.
    void unplugFromQemu(const Uuid& vm, const Alias& alias) override;       ///< By the script, as by detach.
    void dropFromQemu(const Uuid& vm, const std::vector<QemuBackend>& backends) override;
    Uuid define(const std::string& domainXml) override;
    void start(const Uuid& vm) override;
    void shutdown(const Uuid& vm) override;         ///< The guest obeys at once, unless paused.
    void destroy(const Uuid& vm) override;
    void undefine(const Uuid& vm) override;
    std::unique_ptr<Subscription> subscribe(std::function<void(const Event&)> handle) override;
    bool connected() const override;

    // Scripts: what will happen.
    Uuid addVm(const std::string& domainXml, Birth birth = Birth::Running);
    /// Without an alias: for every device of the VM that has no script of its own.
    void scriptUnplug(const Uuid& vm, UnplugScript script, const Alias& alias = Alias());
    /// The nth next call of this method, counted from now (1: the very next), fails.
    void failNext(Method method, ErrorKind kind, Effect effect = Effect::None, unsigned nth = 1);
    void setReadRequests(const Uuid& vm, const std::string& target, std::uint64_t requests);    ///< Default: 3.

    // Happenings: what happens now, without anybody having asked the port.
    void completeUnplug(const Uuid& vm, const Alias& alias, bool event = true);     ///< Also: the guest ejects it.
    void redefine(const Uuid& vm, const std::string& domainXml);                    ///< `virsh define`
    void editRecords(const Uuid& vm, Scope scope, const std::string& xml);          ///< `virsh metadata`
    void pause(const Uuid& vm);
    void setJob(const Uuid& vm, bool running);      ///< A migration, save or dump.
    void resume(const Uuid& vm);                    ///< Pending unplugs that the script lets go complete now.
    void stopByGuest(const Uuid& vm);
    void migrateAway(const Uuid& vm, bool undefine);        ///< A transient VM is gone from here in any case.
    void save(const Uuid& vm);                      ///< start() restores it.
    void land(const Uuid& vm);                      ///< Effects that failed calls left under way happen.
    enum class Hang {
        Changes,                        ///< QEMU hangs: what waits for it blocks, reads go on.
        Everything,                     ///< libvirt keeps the VM locked: the list of VMs and its start block, too.
    };
    /// Calls about this VM block until release(), or fail as Unavailable on disconnect().
    void hang(const Uuid& vm, Hang what = Hang::Changes);
    void release(const Uuid& vm);
    /// libvirt is gone: all calls fail with Unavailable, events are lost, guests live on; until reconnect().
    void disconnect();
    void reconnect();

    std::size_t orphans(const Uuid& vm) const;      ///< What QEMU has left of attaches that nobody finished.

    // Events and calls.
    /// Delivers what waits, and what that causes, on the calling thread; returns how many. Manual delivery only.
    std::size_t deliverEvents();
    std::vector<Call> calls() const;
    std::size_t count(Method method) const;
    std::size_t count(Method method, const Uuid& vm) const;
    void forgetCalls();
    std::size_t blocked() const;                    ///< Calls that hang right now.

private:
    struct Failure {
        Method method;
        ErrorKind kind;
        Effect effect;
        unsigned nth;
    };
    struct Unplug {
        unsigned refused = 0, asked = 0;
    };
    struct Vm {
        explicit Vm(const std::string& xml) : domain(xml) {}
        FakeDomain domain;
        std::optional<Hang> hanging;
        bool job = false;
        Away away = Away::No;
        std::map<Alias, UnplugScript> scripts;      ///< The empty alias holds the VM's own.
        std::map<Alias, Unplug> unplugs;            ///< Asked of the guest, not answered.
        std::map<std::string, std::uint64_t> readRequests;
        std::vector<std::function<void()>> late;
        std::map<Alias, bool> orphans;              ///< True: the device itself, too.
    };
    using Lock = std::unique_lock<std::mutex>;

    template<typename Action> auto call(Call entry, Action action);
    template<typename Action> auto perform(Lock& lock, const Call& entry, Action action);
    bool hangs(const Call& entry) const;
    void waitWhileHanging(Lock& lock, const Call& entry);
    std::optional<Failure> takeFailure(Method method);
    void requireConnected() const;
    Vm& vmAt(const Uuid& vm);
    void eraseIfGone(const Uuid& vm);
    void stop(const Uuid& vm, Away away = Away::No);
    void requireFreeSource(const Uuid& vm, const std::string& deviceXml);
    void ask(const Uuid& vm, const Alias& alias);
    void letGo(const Uuid& vm, const Alias& alias, bool event);
    void landLate(Vm& vm);
    void orphan(const Call& entry, bool device);
    static void unheard(const std::function<void()>& effect);
    void emit(Event::Kind kind, const Uuid& vm = {}, const Alias& alias = {}, Away away = Away::No);
    bool deliverOne(Lock& lock);
    void deliverAlways();

    const Delivery delivery_;
    EventBus bus_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<Uuid, Vm> vms_;
    std::vector<Failure> failures_;
    std::vector<Call> calls_;
    std::deque<Event> events_;
    std::size_t forgotten_ = 0, blocked_ = 0;
    std::uint64_t disconnects_ = 0;
    bool connected_ = true, stopping_ = false;
    std::thread deliverer_;
};

} // namespace hotplug::test
