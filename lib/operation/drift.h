#pragma once

#include "journal/journal.h"
#include "operation/device_drift.h"
#include "operation/open_changes.h"

namespace hotplug {

/// Tells the journal, so the watchers, of devices that came or went without hotplugd (SPEC K8): once, however often it
/// looks. Repairs nothing. Used in the VM's lane, where no operation of ours is half done. Throws JournalError.
class DriftWatch {
public:
    DriftWatch(Journal& journal, const OpenChanges& open) : journal_(journal), open_(open) {}

    /// A device that an event named.
    void judge(const Domain& domain, const Alias& alias);
    /// All of them. After events may have been lost, also what has become of drift that was told before.
    void judgeAll(const Domain& domain, bool eventsLost);
    /// A VM that is down has got another definition: what its old one had, records included, only the journal knows.
    void judgeRedefined(const Domain& domain);

private:
    void tell(const Domain& domain, const Alias& alias, Drift drift);
    void tellPresent(const Domain& domain, const Alias& alias);
    void tellVanished(const Domain& domain, const Alias& alias);
    void tellOver(const Domain& domain, const Alias& alias);
    void tellOfDefinition(const Domain& domain, const Alias& alias, const JournalEntry& latest);
    void note(const Domain& domain, const Alias& alias, const std::string& sentence);
    bool isOpen(const Domain& domain, const Alias& alias) const;

    Journal& journal_;
    const OpenChanges& open_;
};

} // namespace hotplug
