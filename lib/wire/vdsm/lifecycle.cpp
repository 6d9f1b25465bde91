#include "wire/vdsm/answer.h"
#include "wire/vdsm/codes.h"
#include "wire/vdsm/request.h"
#include "wire/vdsm/service.h"

namespace hotplug::wire {

namespace {

using verbs::LifecycleAnswer;

/// The part that differs.
using Step = LifecycleAnswer (*)(const Service&, const CheckedParams&, Clock::time_point deadline);
using VmStep = LifecycleAnswer (*)(verbs::Context&, const Uuid&, Clock::time_point deadline);

LifecycleAnswer define(const Service& service, const CheckedParams& checked, Clock::time_point deadline)
{
    return verbs::defineVm(service.context, checked.params["xml"].asString(), deadline);
}

template<VmStep step>
LifecycleAnswer onVm(const Service& service, const CheckedParams& checked, Clock::time_point deadline)
{
    return step(service.context, checked.vm(), deadline);
}

// It is no operation: only the VM will show how it ended.
Failure failureOf(const LifecycleAnswer& answer)
{
    Failure failure;
    failure.reason = Reason::LibvirtUnavailable;
    failure.outcome = answer.outcome;
    failure.sentence = answer.sentence;
    return failure;
}

Json::Value call(const Service& service, const std::string& name, Step step, const Json::Value& params,
                 const CallInfo& info)
{
    const auto checked = checkParams(service.catalogue, name, params);
    ChangeLog log(name, info);
    if (checked.params.isMember("vmId"))
        log.vm(checked.vm());
    const auto answer = logged(log, [&] { return step(service, checked, checked.deadline(info.arrival)); });
    if (answer.vm)
        log.vm(*answer.vm);
    const bool isDone = answer.outcome == Outcome::Done;
    log.ended(answer.outcome, isDone ? std::nullopt : std::optional(Reason::LibvirtUnavailable), std::nullopt);
    if (!isDone)
        throw errorOf(service.catalogue, name, failureOf(answer));
    auto result = done();
    if (answer.vm)
        result["vmId"] = answer.vm->str();
    return result;
}

Method lifecycle(const SharedService& service, const std::string& name, Step step)
{
    return {name, true, [service, name, step](const Json::Value& params, const CallInfo& info) {
        return call(*service, name, step, params, info);
    }};
}

} // namespace

std::vector<Method> lifecycleMethods(const SharedService& service)
{
    return {
        lifecycle(service, "defineVm", define),
        lifecycle(service, "startVm", onVm<verbs::startVm>),
        lifecycle(service, "shutdownVm", onVm<verbs::shutdownVm>),
        lifecycle(service, "destroyVm", onVm<verbs::destroyVm>),
        lifecycle(service, "undefineVm", onVm<verbs::undefineVm>),
    };
}

} // namespace hotplug::wire
