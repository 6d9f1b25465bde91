#include "planning/preconditions.h"

#include <fmt/format.h>

namespace hotplug {

void requireChangeable(const Domain& domain)
{
    if (!domain.live || domain.status != VmStatus::Running)
        throw Refusal(Reason::VmNotUp,
            fmt::format("VM {} is {}; devices come and go only while it is Up", domain.any().name, name(domain.status)));
    if (!domain.recordsProblem.empty())
        throw Refusal(Reason::RecordUnreadable, domain.recordsProblem);
}

bool decidePersist(const Domain& domain, std::optional<bool> asked)
{
    if (asked.value_or(false) && !domain.persistent())
        throw Refusal(Reason::VmNotPersistent,
            fmt::format("VM {} is transient and has no definition to change; ask without persist", domain.any().name))
            .at("/persist");
    return asked.value_or(true) && domain.persistent();
}

} // namespace hotplug
