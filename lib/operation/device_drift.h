#pragma once

#include "libvirtxml/domain.h"

#include <string>

namespace hotplug {

/// How a device stands beside what its record says (SPEC K8).
enum class Drift {
    None,
    NoRecord,                                   ///< It has our alias, and we know nothing of it.
    PluggedByOthers,                            ///< Its record says unplugged.
    LiveLost,                                   ///< The running VM has it no more; the definition may.
    ConfigLost,                                 ///< The VM has it, and will not after its next start.
    ConfigOnly,                                 ///< Others have put it into the definition: it comes with the next start.
    Moved,                                      ///< It has another address than was recorded.
};

/// Pure. None for every device when the records cannot be read, and for devices without an alias of ours.
Drift driftOf(const Domain& domain, const Alias& alias);

bool isLive(const Domain& domain, const Alias& alias);
bool isDefined(const Domain& domain, const Alias& alias);
/// Null: none.
const DeviceRecord* recordOf(const Domain& domain, const Alias& alias);

/// For the list of devices; empty for None.
std::string sentenceFor(Drift drift, const DeviceRecord* record);

} // namespace hotplug
