#include "verbs/change.h"

#include "base/log.h"
#include "libvirtxml/domain.h"
#include "planning/preconditions.h"

#include <algorithm>

namespace hotplug::verbs {

namespace {

ChangeAnswer answerOf(const OperationState& state)
{
    ChangeAnswer answer;
    answer.operationId = state.id;
    answer.outcome = state.outcome;
    answer.reason = state.reason;
    answer.sentence = state.sentence;
    answer.field = state.field;
    answer.conflictsWith = state.conflictsWith;
    answer.capacity = state.capacity;
    answer.plans = state.plans;
    if (state.outcome == Outcome::Refused)
        answer.operationId.reset();
    return answer;
}

DeviceState stateAfter(const ChangeAnswer& answer)
{
    const bool plug = answer.plans.front().goal == Goal::Plug;
    if (answer.outcome == Outcome::Done)
        return plug ? DeviceState::Plugged : DeviceState::Unplugged;
    return plug ? DeviceState::Plugging : DeviceState::Unplugging;
}

bool isPluggedNic(const ChangeAnswer& answer)
{
    return answer.outcome == Outcome::Done && answer.plans.front().kind == DeviceKind::Nic
        && answer.plans.front().goal == Goal::Plug;
}

/// Of a request that was done before we were asked again. What is done stays done when libvirt cannot be read now.
std::string liveXmlNow(Hypervisor& hypervisor, const Uuid& vm)
{
    try {
        return hypervisor.read(vm).live.value_or("");
    } catch (const HypervisorError& error) {
        spdlog::info("VM {}: its XML is left out of the answer: {}", vm.str(), error.what());
        return {};
    }
}

} // namespace

Domain readDomain(Context& context, const Uuid& vm)
{
    const auto xml = asking([&] { return context.hypervisor.read(vm); });
    return parseDomain(xml.status, xml.live, xml.config);
}

void addSpellings(std::vector<std::string>& names, const Domain& domain, const Storage& storage)
{
    const auto isIn = [&names](const std::string& name) { return std::ranges::find(names, name) != names.end(); };
    std::vector<std::string> found;
    forEachDocument(domain, [&](const Definition& document) {
        for (const auto& disk : document.disks)
            for (const auto& layer : disk.sources)
                if (!isIn(layer) && isIn(storage.canonical(layer)))
                    found.push_back(layer);
    });
    names.insert(names.end(), found.begin(), found.end());
}

DeviceView viewOf(const Plan& plan, DeviceState state)
{
    DeviceView view;
    view.id = plan.device;
    view.kind = plan.kind;
    view.state = state;
    view.plugged = state == DeviceState::Plugged || state == DeviceState::Unplugging;
    view.alias = plan.alias;
    view.address = plan.address;
    view.target = plan.target;
    if (plan.record) {
        view.serial = plan.record->serial;
        view.mac = plan.record->mac;
        view.source = plan.record->source;
    }
    return view;
}

ChangeAnswer change(Context& context, const Uuid& vm, const ChangeOptions& options, std::vector<Planner> planners,
    std::function<bool(const Intent&, bool inTurn)> repeats)
{
    Ask ask{options.verb, vm, options.caller, options.deadline, std::move(planners), options.requestId, options.params,
        std::move(repeats)};
    ChangeAnswer answer;
    if (options.dryRun) {
        answer.plans = context.operations.plan(ask, readDomain(context, vm));
        for (const auto& plan : answer.plans)
            answer.devices.push_back(viewOf(plan, DeviceState::Unplugged));
        return answer;
    }
    const auto operation = context.operations.submit(std::move(ask));
    const auto state = operation->await(options.deadline);
    answer = answerOf(state);
    for (const auto& plan : answer.plans)
        answer.devices.push_back(viewOf(plan, stateAfter(answer)));
    if (isPluggedNic(answer))
        answer.domainXml = state.liveXml ? *state.liveXml : liveXmlNow(context.hypervisor, vm);
    return answer;
}

} // namespace hotplug::verbs
