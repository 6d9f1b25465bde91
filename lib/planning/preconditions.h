#pragma once

#include "planning/planning.h"

namespace hotplug {

/// Whether the definition changes too; refuses `persist:true` on a transient VM.
bool decidePersist(const Domain& domain, std::optional<bool> asked);

/// Calls `visit` with the live, then the persistent document, as far as there are any: free means free in both (P1).
template<typename Visit> void forEachDocument(const Domain& domain, Visit&& visit)
{
    if (domain.live)
        visit(*domain.live);
    if (domain.config)
        visit(*domain.config);
}

} // namespace hotplug
