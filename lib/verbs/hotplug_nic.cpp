#include "planning/planning.h"
#include "verbs/change.h"

namespace hotplug::verbs {

namespace {

void requireBridge(const Network& network, const NicRequest& nic)
{
    try {
        network.requireBridge(nic.bridge);
    } catch (Refusal& refusal) {
        throw refusal.at("/network");
    }
}

} // namespace

ChangeAnswer hotplugNic(Context& context, const Uuid& vm, const NicRequest& nic, const ChangeOptions& options)
{
    auto card = nic;
    if (!card.mac)
        card.mac = Mac::random();               // here, so that a second plan means the same NIC
    auto answer = change(context, vm, options, [&network = context.network, card, options](const Domain& domain) {
        requireChangeable(domain);
        requireBridge(network, card);
        return planPlugNic(domain, card, options.persist);
    });
    if (answer.device)
        answer.device->model = name(card.model);
    return answer;
}

} // namespace hotplug::verbs
