#include "planning/plug_parts.h"

namespace hotplug {

Plan plugPlan(const Domain& domain, const DeviceId& id, DeviceKind kind, bool persist, const Address& address)
{
    Plan plan;
    plan.vm = domain.live->uuid;
    plan.goal = Goal::Plug;
    plan.kind = kind;
    plan.device = id;
    plan.alias = Alias::of(id);
    plan.address = address;
    plan.persist = persist;
    plan.record = DeviceRecord{.id = id, .kind = kind, .plugged = true, .persist = persist, .source = {}, .serial = {},
        .mac = {}, .address = str(address)};
    return plan;
}

} // namespace hotplug
