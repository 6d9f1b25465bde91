#pragma once

#include "wire/jsonrpc/endpoint.h"
#include "wire/vdsm/service.h"

#include <memory>
#include <vector>

namespace hotplug::wire {

/// Every verb of schema/verbs as a method, those of devices also as `VM.<verb>` (SPEC R1, W).
std::vector<Method> allMethods(const SharedService& service);

/// What the server asks: JSON-RPC at /rpc. `context` outlives the endpoint; before the endpoint is destroyed,
/// Operations::stop() wakes whoever waits in it.
std::unique_ptr<RpcEndpoint> makeRpcEndpoint(verbs::Context& context, About about, const EndpointLimits& limits = {});

} // namespace hotplug::wire
