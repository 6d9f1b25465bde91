#pragma once

#include "hypervisor/hypervisor.h"
#include "journal/journal.h"
#include "libvirtxml/domain.h"
#include "operation/open_changes.h"

namespace hotplug {

/// Notices devices that came or went without hotplugd (SPEC K8): tells the journal, so the watchers, and repairs
/// nothing. Called in the VM's lane, where no operation of ours is half done.
class DriftWatch {
public:
    DriftWatch(Hypervisor& hypervisor, Journal& journal, const OpenChanges& open)
        : hypervisor_(hypervisor), journal_(journal), open_(open) {}

    void judge(const Uuid& vm, const Alias& alias);     ///< A device that an event named.
    void judgeAll(const Uuid& vm);                      ///< Events may have been lost.

private:
    void judge(const Domain& domain, const Alias& alias);
    void noteAppeared(const Domain& domain, const Alias& alias);
    void noteVanished(const Domain& domain, const Alias& alias);
    void note(const Domain& domain, const Alias& alias, const std::string& sentence);

    Hypervisor& hypervisor_;
    Journal& journal_;
    const OpenChanges& open_;
};

} // namespace hotplug
