#include "verbs/change.h"

namespace hotplug::verbs {

Capacity capacity(Context& context, const Uuid& vm)
{
    return capacityOf(readDomain(context, vm));
}

} // namespace hotplug::verbs
