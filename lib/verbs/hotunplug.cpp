#include "planning/planning.h"
#include "verbs/change.h"

namespace hotplug::verbs {

ChangeAnswer hotunplug(Context& context, const Uuid& vm, const DeviceQuery& query, const ChangeOptions& options)
{
    return change(context, vm, options,
        [query, options](const Domain& domain) { return planUnplug(domain, query, options.persist); });
}

} // namespace hotplug::verbs
