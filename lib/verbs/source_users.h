#pragma once

#include "base/clock.h"
#include "hypervisor/hypervisor.h"
#include "libvirtxml/domain.h"
#include "operation/operations.h"
#include "storage/storage.h"

#include <map>
#include <memory>
#include <mutex>
#include <semaphore>
#include <set>
#include <vector>

namespace hotplug::verbs {

/// Which running VM uses which storage: a hint for SOURCE_IN_USE (DESIGN, invariant 1). Events say whose disks may have
/// changed, the next question reads those VMs; a hit is confirmed by a read of its own, a miss is caught by QEMU's lock.
/// There is no event for a snapshot or a changed medium. Thread-safe.
class SourceUsers {
public:
    /// Both must outlive this object.
    SourceUsers(Hypervisor& hypervisor, const Storage& storage);

    /// The disks of running VMs but `vm` that have a layer in common with the source. Takes one read per VM that changed
    /// since the last question and 2 s in all; a VM that cannot be read in time keeps the users that it was known to have
    /// and is read again next time. Throws HypervisorError when the list of VMs is needed and cannot be read.
    std::vector<SourceUser> of(const HostSource& source, const Uuid& vm);

    /// The same of disks that are being plugged into them: no document needs to show those.
    std::vector<SourceUser> of(const HostSource& source, const Uuid& vm, const std::vector<OpenOperation>& plugs) const;

private:
    void noteAllIfNeeded();
    std::set<Uuid> takeChanged(const Uuid& butNot);
    void refresh(const Uuid& vm, Clock::time_point until);
    std::vector<SourceUser> readUsers(const Uuid& vm) const;
    std::set<Uuid> candidates(const HostSource& source, const Uuid& butNot) const;
    void heard(const Event& event);

    Hypervisor& hypervisor_;
    const Storage& storage_;
    std::binary_semaphore refreshing_{1};       ///< Held while VMs are read, which takes ms.
    mutable std::mutex mutex_;
    std::map<Uuid, std::vector<SourceUser>> users_;     ///< By VM; those without disks are not listed.
    std::set<Uuid> changed_;
    bool allChanged_ = true;
    std::unique_ptr<Hypervisor::Subscription> subscription_;
};

} // namespace hotplug::verbs
