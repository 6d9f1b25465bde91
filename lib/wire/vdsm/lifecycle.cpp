#include "wire/vdsm/answer.h"
#include "wire/vdsm/request.h"
#include "wire/vdsm/service.h"

namespace hotplug::wire {

namespace {

Json::Value defineVm(const Service& service, const CheckedParams& checked, ChangeLog& log)
{
    const auto vm = verbs::defineVm(service.context, checked.params["xml"].asString());
    log.vm(vm);
    auto result = done();
    result["vmId"] = vm.str();
    return result;
}

using Step = void (*)(verbs::Context&, const Uuid&);

template<Step step> Json::Value onVm(const Service& service, const CheckedParams& checked, ChangeLog& log)
{
    const auto vm = checked.vm();
    log.vm(vm);
    step(service.context, vm);
    return done();
}

using Act = Json::Value (*)(const Service&, const CheckedParams&, ChangeLog&);

Method lifecycle(const SharedService& service, const std::string& name, Act act)
{
    return {name, true, [service, name, act](const Json::Value& params, const CallInfo& info) {
        const auto checked = checkParams(service->catalogue, name, params);
        ChangeLog log(name, info);
        return logged(log, [&] {
            auto result = act(*service, checked, log);
            log.ended(Outcome::Done, std::nullopt, std::nullopt);
            return result;
        });
    }};
}

} // namespace

std::vector<Method> lifecycleMethods(const SharedService& service)
{
    return {
        lifecycle(service, "defineVm", defineVm),
        lifecycle(service, "startVm", onVm<verbs::startVm>),
        lifecycle(service, "shutdownVm", onVm<verbs::shutdownVm>),
        lifecycle(service, "destroyVm", onVm<verbs::destroyVm>),
        lifecycle(service, "undefineVm", onVm<verbs::undefineVm>),
    };
}

} // namespace hotplug::wire
