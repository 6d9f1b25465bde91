#include "wire/vdsm/answer.h"
#include "wire/vdsm/codes.h"
#include "wire/vdsm/operation_answer.h"
#include "wire/vdsm/request.h"
#include "wire/vdsm/service.h"

#include <charconv>

namespace hotplug::wire {

namespace {

std::optional<Uuid> vmOf(const CheckedParams& checked)
{
    return checked.params.isMember("vmId") ? std::optional(checked.vm()) : std::nullopt;
}

OperationFilter filterOf(const CheckedParams& checked)
{
    OperationFilter filter;
    filter.vm = vmOf(checked);
    filter.openOnly = checked.params["open"].asBool();
    if (checked.params.isMember("limit"))
        filter.limit = checked.params["limit"].asUInt();
    return filter;
}

std::optional<std::uint64_t> cursorOf(const CheckedParams& checked)
{
    if (!checked.params.isMember("after"))
        return std::nullopt;
    const auto text = checked.params["after"].asString();
    std::uint64_t cursor = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cursor);
    if (error != std::errc() || end != text.data() + text.size())
        throw InvalidParams("/after", "must be a cursor as watchEvents gave it, such as 1234");
    return cursor;
}

Json::Value listOperations(const Service& service, const CheckedParams& checked, const CallInfo&)
{
    auto result = done();
    result["operations"] = Json::arrayValue;
    for (const auto& view : verbs::listOperations(service.context, filterOf(checked)))
        result["operations"].append(listedOperation(view));
    return result;
}

Json::Value getOperation(const Service& service, const CheckedParams& checked, const CallInfo&)
{
    auto result = done();
    addOperation(result, verbs::getOperation(service.context, checked.uuid("operationId")));
    return result;
}

Failure failureOf(const OperationState& state)
{
    Failure failure;
    failure.reason = state.reason.value_or(Reason::GuestNotResponding);
    failure.outcome = state.outcome;
    failure.sentence = state.sentence;
    if (state.outcome == Outcome::Pending)
        failure.sentence = "libvirt cannot be asked about the VM now; it is cancelled as soon as it can be";
    failure.operationId = state.id;
    return failure;
}

Json::Value cancelOperation(const Service& service, const CheckedParams& checked, const CallInfo& info)
{
    constexpr auto verb = "cancelOperation";
    const auto operation = checked.uuid("operationId");
    ChangeLog log(verb, info);
    const auto state = logged(log, [&] {
        return verbs::cancelOperation(service.context, operation, checked.deadline(info.arrival));
    });
    log.ended(state.outcome, state.reason, operation);
    if (state.outcome != Outcome::Cancelled && state.outcome != Outcome::Done)
        throw errorOf(service.catalogue, verb, failureOf(state));
    auto result = done();
    result["operationId"] = operation.str();
    result["outcome"] = std::string(name(state.outcome));
    return result;
}

// Who is not awaited alone must not hold up others: it is told what has happened already.
Json::Value watchEvents(const Service& service, const CheckedParams& checked, const CallInfo& info)
{
    const auto deadline = info.awaited ? checked.deadline(info.arrival) : info.arrival;
    const auto vm = vmOf(checked);
    auto result = done();
    addEvents(result, verbs::watchEvents(service.context, cursorOf(checked), vm, deadline));
    return result;
}

using Call = Json::Value (*)(const Service&, const CheckedParams&, const CallInfo&);

Method method(const SharedService& service, const std::string& name, Call call)
{
    const auto& verb = service->catalogue.verb(name);
    const auto run = [service, name, call](const Json::Value& params, const CallInfo& info) {
        return call(*service, checkParams(service->catalogue, name, params), info);
    };
    Method made{name, verb.changing(), run, verb.waiting()};
    made.reading = !verb.changing() && !verb.waiting();
    return made;
}

} // namespace

std::vector<Method> operationMethods(const SharedService& service)
{
    return {
        method(service, "listOperations", listOperations),
        method(service, "getOperation", getOperation),
        method(service, "cancelOperation", cancelOperation),
        method(service, "watchEvents", watchEvents),
    };
}

} // namespace hotplug::wire
