#pragma once

#include "base/bounded_calls.h"
#include "hypervisor/hypervisor.h"

#include <string>
#include <vector>

namespace hotplug::verbs {

/// SPEC R4: whether the guest has read from the disk yet.
enum class GuestSeen { Unknown, No, Yes };

/// Asks QEMU for what guests have read. A QEMU that hangs keeps its one thread here and nobody else: the answer for
/// its VM is unknown until it comes back. Thread-safe.
class GuestReads {
public:
    /// The hypervisor must outlive this object.
    explicit GuestReads(Hypervisor& hypervisor);
    /// Waits for threads under way: after a stop() that returned false, do not come here.
    ~GuestReads();

    /// For each of the VM's live disks, by target name. Takes at most `patience`; never fails.
    std::vector<GuestSeen> look(const Uuid& vm, const std::vector<std::string>& targets, milliseconds patience);

    /// Looks again while the answer is no for any of them, for at most 500 ms in all.
    std::vector<GuestSeen> await(const Uuid& vm, const std::vector<std::string>& targets);

    /// Takes no more and waits that long for the threads under way. False: one is stuck in libvirt.
    bool stop(milliseconds patience) { return calls_.stop(patience); }

private:
    Hypervisor& hypervisor_;
    BoundedCalls calls_;
};

} // namespace hotplug::verbs
