#pragma once

#include "base/clock.h"
#include "hypervisor/hypervisor.h"
#include "journal/journal.h"
#include "libvirtxml/domain.h"
#include "model/outcome.h"
#include "operation/change_permits.h"
#include "operation/machinery.h"
#include "planning/planning.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace hotplug {

/// Who asked, as the kernel says.
struct Caller {
    uid_t uid = 0;
    pid_t pid = 0;
};

/// A change asked of one VM.
struct Ask {
    std::string verb;
    Uuid vm;
    Caller caller;
    Clock::time_point deadline;                 ///< Counted from arrival; passed while queued: TOO_BUSY.
    /// One per device, called in the VM's turn with what the VM is then: says what to do, or throws Refusal.
    std::vector<Planner> planners;
    std::string requestId = {};                 ///< Idempotency key (SPEC R3); empty: none.
    std::string params = {};                    ///< What must be equal for the same request id.
    /// Unplugs: whether an earlier intent does or did the same (SPEC K3). In the VM's turn the storage may be looked at
    /// for it; before, with all others waiting, what would take that is no repetition.
    std::function<bool(const Intent&, bool inTurn)> repeats = {};
};

/// How an operation stands.
struct OperationState {
    Uuid id;
    Outcome outcome = Outcome::Running;
    std::optional<Reason> reason;
    std::string sentence, field, conflictsWith;
    Counts capacity;                            ///< What still fits, when it was refused for want of room.
    std::vector<Plan> plans;                    ///< Empty until planned, and when refused.
    std::optional<std::string> liveXml;         ///< The last live XML seen in its turn.
};

/// One change, shared by its caller, joiners and the lane that carries it out. Thread-safe.
class Operation {
public:
    virtual ~Operation() = default;
    /// Blocks the calling thread until the outcome is known or the deadline passes; then the outcome is `pending`, or
    /// `refused` with TOO_BUSY when its turn had not come: it never will then.
    virtual OperationState await(Clock::time_point deadline) = 0;
};

/// A change under way of one device, as `listDevices` needs it.
struct OpenOperation {
    Uuid id;
    std::shared_ptr<const Plan> plan;
};

/// The lanes: one turn at a time per VM in arrival order, VMs in parallel, bounded (SPEC K6). Owns every open
/// operation until it is settled, also after its caller was answered `pending`. Thread-safe.
class Operations {
public:
    struct Limits {
        std::size_t queuedPerVm = 64;           ///< Asks waiting for one VM's turn.
        std::size_t changesAtOnce = 12;         ///< Changing libvirt calls in all (SPEC K6).
    };

    /// The references must outlive this object.
    Operations(Hypervisor& hypervisor, Journal& journal);
    Operations(Hypervisor& hypervisor, Journal& journal, Limits limits,
        std::unique_ptr<Machinery> machinery = realMachinery());
    /// Waits for running turns, however long: after a stop() that returned false, do not come here.
    ~Operations();

    /// Never waits. A request id that is known gives the operation that it named first, whatever became of it. Throws
    /// Refusal: TooBusy when the VM's queue is full or we are stopping, RequestIdReused when the params differ,
    /// Recovering while what a restart left open for the VM has not been looked at.
    std::shared_ptr<Operation> submit(Ask ask);

    /// What submit() would do now, of a VM that reads as `domain`; nothing is touched (SPEC R3, dryRun). Throws Refusal.
    std::vector<Plan> plan(const Ask& ask, const Domain& domain);

    /// Stops asking a guest (SPEC K3) and returns how the operation ended: cancelled, or done if the guest was faster.
    /// Waits for the VM's turn until the deadline. Throws Refusal: OperationNotFound, NotCancellable, TooBusy.
    OperationState cancel(const Uuid& id, Clock::time_point deadline);

    /// How an operation stands, as its callers are told, whose outcome the journal may not have yet; empty: the journal
    /// knows as much.
    std::optional<OperationState> find(const Uuid& id) const;

    /// What a changing libvirt call that is no operation needs (SPEC K6): its VM's turn, if it is about one, and one of
    /// those calls that may be under way at once. Given back when it is destroyed. Throws Refusal{TooBusy} when it is not
    /// to be had before `until`.
    using Admission = std::shared_ptr<void>;
    Admission admit(const ChangePermits::Holder& holder, Clock::time_point until);
    /// What a call about that VM, if it is about one, would be refused with now.
    Refusal whyBusy(const std::optional<Uuid>& vm) const;

    /// What is under way on a VM.
    std::vector<OpenOperation> open(const Uuid& vm) const;

    /// Plugs under way, of all VMs: QEMU may have what no document shows (DESIGN, invariant 1).
    std::vector<OpenOperation> openPlugs() const;

    /// Takes up what the journal has unsettled: finished, undone or waited for, by the same next(). To be called once, in
    /// the beginning: before it events are not heard, as what they tell of may be a former process's doing.
    void recover();

    /// Takes no more asks, wakes every waiting caller at `patience`, waits that long for running turns. False: a turn
    /// is stuck in libvirt and its thread still uses the hypervisor and the journal; end the process without
    /// destroying them. What is open stays open in the journal.
    bool stop(milliseconds patience);

private:
    class Core;
    std::shared_ptr<Core> core_;
};

} // namespace hotplug
