#pragma once

#include "operation/turn.h"

#include <vector>

namespace hotplug {

/// Plans what is asked for the VM as one read saw it. Throws Refusal; a plug that stumbles over a device on its way out
/// is told so.
std::vector<Plan> planChange(const Ask& ask, const TurnTools& tools, const Domain& domain);

/// Plans one entry anew: libvirt refused its address, which the change remembers. The addresses of the entries that are
/// still to come stay theirs.
Plan planAgain(const Change& change, const TurnTools& tools, const Domain& domain, std::size_t entry);

/// The open operation that unplugs exactly these devices already; null: none of them is on its way out. Throws Refusal
/// when others are in the same operation, or only some of these.
std::shared_ptr<Change> operationToJoin(const TurnTools& tools, const std::vector<Plan>& plans);

} // namespace hotplug
