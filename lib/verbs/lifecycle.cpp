#include "verbs/change.h"

namespace hotplug::verbs {

namespace {

/// A change outside the lanes. destroyVm goes without: it is the way out when changes hang.
template<typename Call> auto changing(Context& context, Call&& call)
{
    constexpr std::chrono::seconds patience{30};
    const auto permit = context.operations.takePermit(Clock::now() + patience);
    return asking(call);
}

std::string_view nameOf(Machine machine)
{
    switch (machine) {
    case Machine::Q35: return "q35";
    case Machine::Pc: return "pc";
    case Machine::Other: break;
    }
    return "other";
}

/// libvirt makes and removes directories of this name: with `..` it has removed those of other VMs.
void requireSafeName(const std::string& name)
{
    if (name == "." || name == ".." || name.find('/') != std::string::npos)
        throw Refusal(Reason::InvalidParameter, "a VM cannot be named ., .. or with a slash; choose another name").at("/xml");
}

} // namespace

std::vector<VmSummary> listVms(Context& context)
{
    return asking([&] { return context.hypervisor.vms(); });
}

VmView getVm(Context& context, const Uuid& vm)
{
    const auto domain = readDomain(context, vm);
    const auto& definition = domain.any();
    VmView view;
    view.summary = {definition.uuid, definition.name, domain.status, domain.persistent()};
    view.machine = nameOf(definition.machine);
    view.memoryMiB = definition.memoryMiB;
    view.problem = domain.recordsProblem;
    return view;
}

Uuid defineVm(Context& context, const std::string& domainXml)
{
    requireSafeName(nameInDefinition(domainXml));
    return changing(context, [&] { return context.hypervisor.define(domainXml); });
}

void startVm(Context& context, const Uuid& vm)
{
    changing(context, [&] { context.hypervisor.start(vm); });
}

void shutdownVm(Context& context, const Uuid& vm)
{
    changing(context, [&] { context.hypervisor.shutdown(vm); });
}

void destroyVm(Context& context, const Uuid& vm)
{
    asking([&] { context.hypervisor.destroy(vm); });
}

void undefineVm(Context& context, const Uuid& vm)
{
    changing(context, [&] { context.hypervisor.undefine(vm); });
}

} // namespace hotplug::verbs
