#pragma once

#include "base/clock.h"
#include "base/uuid.h"
#include "operation/machinery.h"

#include <cstddef>
#include <functional>
#include <memory>

namespace hotplug {

/// One queue and at most one thread per VM: turns of one VM run in order, VMs in parallel. A lane gives its thread back
/// when its queue is empty. Thread-safe.
class Lanes {
public:
    explicit Lanes(Machinery& machinery);       ///< Gives the threads, and must outlive this object.
    ~Lanes();                                   ///< Does not wait: see stop().

    /// Queues a turn behind the others of this VM. The turn must not throw; it is logged as INTERNAL if it does.
    /// False when `limit` turns wait already, when no thread can be had, or after stop().
    [[nodiscard]] bool enqueue(const Uuid& vm, std::function<void()> turn, std::size_t limit);

    /// A turn that a thread of its own makes use of; given back when it is destroyed.
    using Hold = std::shared_ptr<void>;
    /// Waits for the VM's turn. Empty: it has not come before `until`, or never will, as enqueue() says.
    Hold hold(const Uuid& vm, Clock::time_point until, std::size_t limit);

    /// Drops the turns that wait, takes no more, and waits for those that run. False: some still run.
    bool stop(milliseconds patience);

private:
    struct State;
    std::shared_ptr<State> state_;              ///< Shared with the threads, which may outlive us.
    Machinery& machinery_;
};

} // namespace hotplug
