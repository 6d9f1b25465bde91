#pragma once

#include "base/bounded_calls.h"
#include "base/clock.h"
#include "hypervisor/hypervisor.h"
#include "model/outcome.h"
#include "network/network.h"
#include "operation/operations.h"
#include "planning/capacity.h"
#include "storage/storage.h"
#include "verbs/guest_reads.h"
#include "verbs/source_claims.h"
#include "verbs/source_users.h"

#include <optional>
#include <string>
#include <vector>

/// One function per verb: typed request in, typed answer out, `Refusal` thrown when nothing was
/// touched. Thread-safe. Changing verbs block their caller until the outcome is known or the deadline passes, watchEvents
/// until there is an event; the others take milliseconds.
namespace hotplug::verbs {

/// What the verbs work with; owned by the composition root, outlives every call.
struct Context {
    Hypervisor& hypervisor;
    Storage& storage;
    Network& network;
    Operations& operations;
    Journal& journal;
    GuestReads& guestReads;
    SourceUsers& sourceUsers;
    SourceClaims& sourceClaims;
    BoundedCalls& lifecycleCalls;               ///< By VM: see lifecycleLimits.
};

/// Of a VM one change as a whole at a time, and its destruction; of all of them more than there are permits.
inline constexpr BoundedCalls::Limits lifecycleLimits{1, 64};

/// What every changing verb may be told (SPEC R3).
struct ChangeOptions {
    std::string verb;                           ///< `hotplugDisk`, also when it was called as `VM.hotplugDisk`.
    Caller caller;
    Clock::time_point deadline;
    bool dryRun = false;
    bool waitForGuest = false;                  ///< Report `guestSeen`, at most 500 ms later.
    std::optional<bool> persist;                ///< Default: true on a persistent VM.
    std::string requestId;                      ///< The caller's idempotency key; empty: none. A dryRun has none.
    std::string params;                         ///< What must be equal for the same key, as text.
};

/// A device as SPEC B12 lists it.
struct DeviceView {
    std::optional<DeviceId> id;                 ///< Empty: attached by others.
    DeviceKind kind = DeviceKind::Disk;
    bool plugged = true;
    DeviceState state = DeviceState::Plugged;
    Alias alias;
    std::optional<Address> address;
    std::string target;                         ///< `vdb`; a NIC's tap, live only.
    std::string serial, mac, source;            ///< Empty: none.
    std::string guestSerial;                    ///< What the guest sees of a serial that the bus cuts; else empty.
    std::string model;                          ///< A disk's bus, a NIC's model.
    std::string problem;                        ///< What is odd about it, for people; empty when all is well.
    GuestSeen guestSeen = GuestSeen::Unknown;
};

/// The answer of a changing verb, whatever its outcome; refusals before submission are thrown.
struct ChangeAnswer {
    std::optional<Uuid> operationId;            ///< Empty for dryRun.
    Outcome outcome = Outcome::Done;
    std::optional<Reason> reason;
    std::string sentence;                       ///< Why not done, and what to do.
    std::string field;                          ///< Begins with the entry of the list: `/0/path`.
    std::string conflictsWith;
    Counts capacity;                            ///< What still fits, when it was refused for want of room.
    std::vector<Plan> plans;                    ///< One per device; empty when it was refused.
    std::vector<DeviceView> devices;            ///< When done or pending, in the order they were asked for.
    std::string domainXml;                      ///< hotplugNic, done: the live XML that engines read.
};

/// All of the disks or none (SPEC R2): one operation. So is an unplug; of its devices none is asked to leave when the
/// first one cannot.
ChangeAnswer hotplugDisk(Context& context, const Uuid& vm, const std::vector<DiskRequest>& disks,
    const ChangeOptions& options);
ChangeAnswer hotplugNic(Context& context, const Uuid& vm, const NicRequest& nic, const ChangeOptions& options);
/// hotunplugDisk and hotunplugNic, by `kind` of the queries.
ChangeAnswer hotunplug(Context& context, const Uuid& vm, const std::vector<DeviceQuery>& queries,
    const ChangeOptions& options);

/// Every device of a VM, also those without a record (SPEC B12).
std::vector<DeviceView> listDevices(Context& context, const Uuid& vm);

/// SPEC C3.
Capacity capacity(Context& context, const Uuid& vm);

struct VmView {
    VmSummary summary;
    std::string machine;                        ///< `q35`, `pc` or `other`
    std::uint64_t memoryMiB = 0;
    std::string problem;                        ///< RECORD_UNREADABLE and why, else empty.
};

std::vector<VmSummary> listVms(Context& context);
VmView getVm(Context& context, const Uuid& vm);

/// An operation and, when it is asked for by id, its timeline.
struct OperationView {
    JournalEntry entry;                         ///< Outcome, reason and sentence as they are now.
    std::vector<JournalEvent> timeline;
};

/// Newest first.
std::vector<OperationView> listOperations(Context& context, const OperationFilter& filter);
OperationView getOperation(Context& context, const Uuid& operation);
/// SPEC K3: blocks until the guest is asked no more, at most until the deadline.
OperationState cancelOperation(Context& context, const Uuid& operation, Clock::time_point deadline);

struct EventPage {
    std::vector<JournalEvent> events;
    std::uint64_t cursor = 0;                   ///< To go on from.
};

/// SPEC K9: blocks until something happens after the cursor (default: from now on), at most until the deadline.
EventPage watchEvents(Context& context, std::optional<std::uint64_t> after, const std::optional<Uuid>& vm,
    Clock::time_point deadline);

/// How a change of a VM as a whole ended, which is no operation and has no place in the journal.
struct LifecycleAnswer {
    Outcome outcome = Outcome::Done;            ///< Or Pending: libvirt goes on with it, and only the VM shows how it ends.
    std::string sentence;                       ///< Why it is pending, and what to do.
    std::optional<Uuid> vm;                     ///< That was defined.
};

// All of them answer at the deadline, whatever libvirt and QEMU do. At most one at a time per VM, in a turn of its own among
// the changes of its devices; destroyVm waits neither for a turn nor for a permit: it is the way out when changes hang.
LifecycleAnswer defineVm(Context& context, const std::string& domainXml, Clock::time_point deadline);
LifecycleAnswer startVm(Context& context, const Uuid& vm, Clock::time_point deadline);
LifecycleAnswer shutdownVm(Context& context, const Uuid& vm, Clock::time_point deadline);
LifecycleAnswer destroyVm(Context& context, const Uuid& vm, Clock::time_point deadline);
LifecycleAnswer undefineVm(Context& context, const Uuid& vm, Clock::time_point deadline);

} // namespace hotplug::verbs
