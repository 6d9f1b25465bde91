#include "wire/vdsm/methods.h"

#include "base/log.h"
#include "wire/vdsm/codes.h"

#include <iterator>

namespace hotplug::wire {

void ChangeLog::ended(Outcome outcome, std::optional<Reason> reason, const std::optional<Uuid>& operation) const
{
    const auto taken = std::chrono::duration_cast<milliseconds>(Clock::now() - info_.arrival);
    spdlog::info("{} vm={} uid={} pid={} outcome={} reason={} operation={} ms={}", method_, vm_ ? vm_->str() : "-",
        info_.peer.uid, info_.peer.pid, name(outcome), reason ? nameOf(*reason) : "-",
        operation ? operation->str() : "-", taken.count());
}

std::vector<Method> allMethods(const SharedService& service)
{
    std::vector<Method> all;
    for (auto&& some : {readingMethods(service), lifecycleMethods(service), operationMethods(service), deviceMethods(service)})
        all.insert(all.end(), some.begin(), some.end());
    return all;
}

std::unique_ptr<RpcEndpoint> makeRpcEndpoint(verbs::Context& context, About about, const EndpointLimits& limits)
{
    const auto service = std::make_shared<const Service>(context, std::move(about));
    auto translate = [service](const std::string& method, const Refusal& refusal) {
        return errorOf(service->catalogue, method, failureOf(refusal));
    };
    return std::make_unique<RpcEndpoint>(allMethods(service), std::move(translate), limits);
}

} // namespace hotplug::wire
