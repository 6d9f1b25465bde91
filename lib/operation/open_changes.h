#pragma once

#include "operation/change.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hotplug {

using ChangePtr = std::shared_ptr<Change>;

/// Every change whose outcome the journal does not have yet, with the ticket of its next wake-up: a ticket that an event
/// has taken leaves the timer's call for the same wake-up void. Thread-safe.
class OpenChanges {
public:
    using Ticket = std::uint64_t;               ///< 0: a turn is queued or runs.
    using Sleeper = std::pair<ChangePtr, Ticket>;

    void keep(const ChangePtr& change);
    void forget(const ChangePtr& change);
    Ticket putToSleep(const ChangePtr& change);
    /// False: somebody else woke it already, or it is settled.
    bool wake(const ChangePtr& change, Ticket ticket);
    std::vector<Sleeper> sleepers(const std::function<bool(Change&)>& concerned) const;

    /// Also one that has ended and only waits for the journal to take its outcome.
    ChangePtr find(const Uuid& id) const;
    ChangePtr find(const Uuid& vm, Goal goal, const Alias& alias) const;
    /// An unplug that has begun, and is not the way back of a list.
    ChangePtr findUnplug(const Uuid& vm, const std::function<bool(const Intent&)>& wanted) const;
    /// None that was refused: that has used no request id up (SPEC R3).
    ChangePtr findRequest(const std::string& requestId) const;
    std::vector<OpenOperation> devices(const Uuid& vm) const;
    /// Plugs that have begun, of all VMs.
    std::vector<OpenOperation> plugs() const;
    /// PCI addresses of devices on their way out; of a list some may have left while it is still open.
    std::vector<Address> leavingAddresses(const Uuid& vm) const;
    /// Whether something that a restart left open has not been looked at yet (SPEC K4).
    bool isRecovering(const Uuid& vm) const;
    std::vector<ChangePtr> all() const;

private:
    template<typename Wanted> ChangePtr findAmong(const Uuid& vm, Wanted&& wanted) const;

    mutable std::mutex mutex_;
    std::unordered_map<Uuid, std::unordered_map<ChangePtr, Ticket>> open_;
    std::unordered_map<std::string, ChangePtr> requests_;
    Ticket lastTicket_ = 0;
};

} // namespace hotplug
