#pragma once

#include "journal/journal.h"
#include "libvirtxml/domain.h"
#include "operation/turn.h"

namespace hotplug {

/// Keeps the live and the persistent copy of a VM's records alike (DESIGN, invariant 2): `virsh define` with an old file
/// and `virsh metadata` take one away, the other restores it, and watchers are told. What cannot be read is told, and
/// left alone. Used in the VM's lane.
class RecordKeeper {
public:
    explicit RecordKeeper(TurnTools& tools) : tools_(tools) {}

    /// `domain` has just been read. Throws HypervisorError, JournalError: the next look tries again.
    void keep(const Domain& domain);

private:
    void tellWhetherReadable(const Domain& domain);
    void restore(const Domain& domain, Scope scope, const VmRecord& records);
    void note(const Domain& domain, std::optional<Reason> reason, const std::string& sentence);

    TurnTools& tools_;
};

/// Which copy has fallen behind, if any: that of the lower counter, of equal ones the persistent. Pure.
std::optional<Scope> scopeToRestore(const Domain& domain);

} // namespace hotplug
