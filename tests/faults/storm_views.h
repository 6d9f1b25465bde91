#pragma once

#include "faults/storm_ground.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace hotplug::test {

/// By whom a VM's devices can be seen.
enum class StormView { Guest, LiveXml, QemuDevices, QemuBackends, Bridge, Definition, LiveRecord, DefinitionRecord, Listed };

std::string name(StormView view);

/// All that one VM has, each thing by its deviceId, or by its own name in brackets when it belongs to no known device:
/// an orphan.
class StormViews {
public:
    explicit StormViews(StormVm& vm);

    /// In words, where views disagree about a device, given whether it should be there; unsure: what runs must agree
    /// all the same, and what was written down may differ.
    std::vector<std::string> disagreements(const std::string& id, std::optional<bool> there) const;
    /// What is seen and belongs to no device of the VM.
    std::vector<std::string> orphans() const;
    bool isDrifted(const std::string& id) const { return drifted_.contains(id); }
    /// What listDevices says of a device that has drifted.
    const std::string& problemOf(const std::string& id) const { return drifted_.at(id); }
    /// QEMU has it, and libvirt, which alone tells QEMU what to have, does not know: libvirt 9.0 takes late news of a device
    /// that has left for news of the one that was plugged under its name meanwhile. One thread of it hears all such news
    /// of all VMs, and waits for each VM's turn.
    bool isForgottenByLibvirt(const std::string& id) const;

private:
    void lookIntoGuest();
    void lookIntoXml(const std::string& xml, StormView devices, StormView records);
    void lookIntoQemu();
    void lookAtBridge();
    void lookAtList();
    bool has(StormView view, const std::string& id) const;
    void note(StormView view, const std::string& id) { seen_[view].insert(id); }
    std::string idOf(const std::string& key, const std::string& value) const;
    const StormDevice* deviceOf(const std::string& id) const;

    StormVm& vm_;
    std::map<StormView, std::set<std::string>> seen_;
    std::map<std::string, std::string> drifted_;    ///< With what is wrong with each.
};

} // namespace hotplug::test
