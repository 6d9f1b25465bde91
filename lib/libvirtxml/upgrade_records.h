#pragma once

#include <cstdint>
#include <span>

namespace pugi {
class xml_node;
}

namespace hotplug {

/// Turns our document of one version into one of the next, in place. Throws XmlError when it is not of its version.
using UpgradeStep = void (*)(pugi::xml_node vm);

/// Brings records that an older hotplugd wrote to the newest version (SPEC A9): steps[0] leads from version 1 to 2, and
/// so on; those before `version` are left out. The VM's own document changes only when its records are next written.
void upgradeRecords(pugi::xml_node vm, std::uint64_t version, std::span<const UpgradeStep> steps);

} // namespace hotplug
