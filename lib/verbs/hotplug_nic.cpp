#include "planning/planning.h"
#include "verbs/change.h"

namespace hotplug::verbs {

ChangeAnswer hotplugNic(Context& context, const Uuid& vm, const NicRequest& nic, const ChangeOptions& options)
{
    auto card = nic;
    if (!card.mac)
        card.mac = Mac::random();               // here, so that a second plan means the same NIC
    const auto planner = [&network = context.network, card, options](const Domain& domain) {
        requireChangeable(domain);
        network.require(card);
        return planPlugNic(domain, card, options.persist);
    };
    auto answer = change(context, vm, options, {planner});
    for (auto& device : answer.devices)
        device.model = name(card.model);
    return answer;
}

} // namespace hotplug::verbs
