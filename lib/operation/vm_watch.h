#pragma once

#include "operation/drift.h"
#include "operation/record_keeper.h"

#include <functional>
#include <mutex>
#include <set>
#include <unordered_map>

namespace hotplug {

/// Looks at a VM, in its lane, when something may have happened to it that we did not do: keeps its records and notices
/// drift. However many events come, one look waits. Thread-safe.
class VmWatch {
public:
    /// Queues a turn of the VM, which must keep us alive; false when it cannot.
    using Enqueue = std::function<bool(const Uuid& vm, std::function<void()> turn)>;

    VmWatch(TurnTools& tools, const OpenChanges& open, Enqueue enqueue)
        : hypervisor_(tools.hypervisor), open_(open), enqueue_(std::move(enqueue)), records_(tools),
          drift_(tools.journal, open) {}

    void heard(const Event& event);             ///< Event thread: posts only.
    void lookAtAll();                           ///< Posts; the list of VMs is read in a lane of its own.
    void lookAt(const Uuid& vm);                ///< Posts; also for what was to be heard and was not.

private:
    /// What a look is to mind.
    struct Look {
        bool all = true;                        ///< Else the named devices only.
        bool eventsLost = false, redefined = false;
        std::set<Alias> devices = {};
    };

    void queueLook(const Uuid& vm, const Look& look);
    void queueLook(const Uuid& vm, const Alias& alias);
    void queueLooks();
    void look(const Uuid& vm);
    Look take(const Uuid& vm);

    Hypervisor& hypervisor_;
    const OpenChanges& open_;
    const Enqueue enqueue_;
    RecordKeeper records_;
    DriftWatch drift_;
    std::mutex mutex_;
    std::unordered_map<Uuid, Look> waiting_;
};

} // namespace hotplug
