#include "wire/vdsm/codes.h"

namespace hotplug::wire {

Failure failureOf(const Refusal& refusal)
{
    return {refusal.reason(), Outcome::Refused, refusal.what(), std::nullopt, refusal.field(), refusal.conflictsWith(),
        refusal.capacity()};
}

RpcError errorOf(const Catalogue& catalogue, const std::string& method, const Failure& failure)
{
    const auto& entry = entryOf(failure.reason);
    const auto code = entry.code ? *entry.code : catalogue.verb(method).code();
    auto message = catalogue.textOf(code);
    if (!failure.sentence.empty())
        message += ": " + failure.sentence;

    Json::Value data;
    data["reason"] = std::string(entry.name);
    data["outcome"] = std::string(name(failure.outcome));
    if (failure.operationId)
        data["operationId"] = failure.operationId->str();
    if (!failure.field.empty())
        data["field"] = failure.field;
    if (!failure.conflictsWith.empty())
        data["conflictsWith"] = failure.conflictsWith;
    for (const auto& [resource, count] : failure.capacity)
        data["capacity"][resource] = count;
    return {code, std::move(message), std::move(data)};
}

} // namespace hotplug::wire
