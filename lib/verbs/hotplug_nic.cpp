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
    auto answer = change(context, vm, options, [&network = context.network, nic, options](const Domain& domain) {
        requireChangeable(domain);
        requireBridge(network, nic);
        return planPlugNic(domain, nic, options.persist);
    });
    if (answer.device)
        answer.device->model = name(nic.model);
    return answer;
}

} // namespace hotplug::verbs
