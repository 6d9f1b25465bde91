#pragma once

#include "base/uuid.h"
#include "model/identity.h"
#include "model/outcome.h"

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hotplug {

enum class Scope { Live, Config, Both };        ///< Both: attach and writeRecords only (DESIGN, invariant 8).

/// What libvirt's error means to us; the one table behind it is in `classify.h`.
enum class ErrorKind {
    NoDomain,               ///< The VM does not exist (any more).
    NotRunning,             ///< The VM is not active: stopped or migrated away.
    DeviceMissing,          ///< libvirt knows no such device; the XML decides whether that is true.
    GuestBusy,              ///< Unplug asked too early (power indicator blinking): ask again soon.
    AlreadyUnplugging,      ///< The guest has been asked before and has not answered.
    StateLocked,            ///< Another job holds the VM (libvirt's 30 s lock wait): ask again.
    NoFreePort,             ///< No more PCI slots, as libvirt sees it.
    AddressInUse,           ///< Double use of a PCI or drive address.
    TargetInUse, AliasInUse, BootOrderInUse, BootOrderUnsupported,
    SourceInUse,            ///< QEMU's image lock is held by another process.
    SourceNotFound, SourceNotResponding, FormatMismatch,
    NetworkNotFound,        ///< The bridge does not exist.
    NotHotpluggable,        ///< Bus or port does not take hot plug.
    BlockJobActive,
    OrphanNode,             ///< A block node left behind by an attach that was killed.
    Migrating,              ///< A job (migration, save, dump) excludes the change.
    Exists,                 ///< define: name or UUID is taken.
    Invalid,                ///< libvirt found the XML or the request wrong.
    Unavailable,            ///< No connection to libvirt, or it broke in the middle: the effect is unknown.
    Other,
};

/// Thrown by every method of Hypervisor. `what()` is libvirt's own text.
class HypervisorError : public std::exception {
public:
    HypervisorError(ErrorKind kind, std::string text) : kind_(kind), text_(std::move(text)) {}
    ErrorKind kind() const { return kind_; }
    const char* what() const noexcept override { return text_.c_str(); }

private:
    ErrorKind kind_;
    std::string text_;
};

/// Why a VM that is not active here has its devices all the same.
enum class Away {
    No,
    Migrated,               ///< It runs on another host.
    Saved,                  ///< It sleeps in a file, from which it is restored with them.
};

/// What one successful read saw.
struct DomainXml {
    std::optional<std::string> live;            ///< Empty: the VM is not active.
    std::optional<std::string> config;          ///< Empty: no persistent definition.
    VmStatus status = VmStatus::Down;
    Away away = Away::No;
};

/// What QEMU has behind a device: a block node or secret of its storage, a NIC's host side, or the taps that were handed
/// over for one and not used yet, which QEMU keeps but lists nowhere.
struct QemuBackend {
    enum class Kind { BlockNode, Secret, Netdev, Taps };
    Kind kind = Kind::BlockNode;
    std::string name;                           ///< `libvirt-7-storage`, `hostua-red`; taps: `tapfd-ua-red`, unnumbered

    bool operator==(const QemuBackend&) const = default;
};

/// QEMU's own list, which libvirt's may lack something of (DESIGN, invariant 1).
struct QemuView {
    std::vector<Alias> devices;                 ///< All of /machine/peripheral, controllers too.
    std::vector<QemuBackend> backends;          ///< Those that libvirt named.
};

struct VmSummary {
    Uuid uuid;
    std::string name;
    VmStatus status = VmStatus::Down;
    bool persistent = true;
};

struct Event {
    enum class Kind {
        DeviceRemoved,      ///< The guest let go of `alias`, or libvirt dropped it.
        DeviceAdded,
        DomainChanged,      ///< Started, stopped, defined, undefined, paused, resumed: read it again.
        Redefined,          ///< The same, and another definition has taken the place of the one that there was.
        RecordsChanged,     ///< Our document in <metadata>, by whomever: our own writes are told, too.
        Disconnected,       ///< libvirt is gone; events are lost until Connected.
        Connected,
    };
    Kind kind = Kind::DomainChanged;
    Uuid vm;
    Alias alias = {};
    Away away = Away::No;   ///< DomainChanged: nothing else tells why a VM is gone that is undefined as it leaves.
};

/// The port to libvirt. One method = one libvirt call (read: one per document): no retry, no policy, no waiting for
/// a guest. Thread-safe. Reads take ms even while a change hangs; a change may block as long as QEMU does.
/// Throws HypervisorError only.
class Hypervisor {
public:
    /// Ends the delivery of events when destroyed; no call is under way once the destructor returns.
    class Subscription {
    public:
        virtual ~Subscription() = default;
    };

    virtual ~Hypervisor() = default;

    // Reads.
    virtual std::vector<VmSummary> vms() = 0;
    virtual Uuid find(const std::string& name) = 0;                     ///< By name; NoDomain when there is none.
    /// Never reports a failed read as absence: NoDomain is thrown, an inactive VM has no live document.
    virtual DomainXml read(const Uuid& vm) = 0;
    /// Read requests that the guest has made of a live disk (its target name) so far.
    virtual std::uint64_t readRequests(const Uuid& vm, const std::string& target) = 0;

    /// Whether a migration, save or dump of an active VM runs: changes would wait for its end. False also while QEMU does
    /// not answer. Unlike the reads above it may wait behind another change of this VM: only the VM's lane may ask.
    virtual bool hasJob(const Uuid& vm) = 0;

    // Changes of devices.
    virtual void attach(const Uuid& vm, Scope scope, const std::string& deviceXml) = 0;
    /// Live or Config. Returning from a live detach means asked, not gone.
    virtual void detach(const Uuid& vm, Scope scope, const Alias& alias) = 0;
    /// Config only: the twin of a device that others attached, which has no alias there.
    virtual void detachTwin(const Uuid& vm, const std::string& deviceXml) = 0;
    virtual void update(const Uuid& vm, Scope scope, const std::string& deviceXml) = 0;
    /// Replaces our document in <metadata>; queues behind whatever libvirt still does to this VM (the barrier).
    virtual void writeRecords(const Uuid& vm, Scope scope, const std::string& xml) = 0;

    // QEMU behind libvirt's back, for what a libvirt that died has left there. It marks the VM as tainted: only for
    // VMs with an operation that wants to know. Changes, in that they wait for whatever libvirt does to the VM.
    virtual QemuView askQemu(const Uuid& vm) = 0;
    /// Returning means asked, not gone; that nobody has it is no error.
    virtual void unplugFromQemu(const Uuid& vm, const Alias& alias) = 0;
    /// Those that are not there (any more) are no error; one that is in use is, once the others are dropped.
    virtual void dropFromQemu(const Uuid& vm, const std::vector<QemuBackend>& backends) = 0;

    // Lifecycle (SPEC W).
    virtual Uuid define(const std::string& domainXml) = 0;              ///< Validated against libvirt's schema.
    virtual void start(const Uuid& vm) = 0;
    virtual void shutdown(const Uuid& vm) = 0;                          ///< Asks the guest by ACPI.
    virtual void destroy(const Uuid& vm) = 0;
    virtual void undefine(const Uuid& vm) = 0;

    /// `handle` runs on the event thread and may only post: it must not call the Hypervisor.
    virtual std::unique_ptr<Subscription> subscribe(std::function<void(const Event&)> handle) = 0;
    virtual bool connected() const = 0;
};

} // namespace hotplug
