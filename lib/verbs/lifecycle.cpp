#include "verbs/change.h"

#include <algorithm>
#include <atomic>
#include <cctype>
#include <fmt/format.h>
#include <functional>
#include <memory>

namespace hotplug::verbs {

namespace {

struct Wanted {
    ChangePermits::Holder holder;
    std::string place;                          ///< Where one such change runs at a time.
    std::function<std::optional<Uuid>(Hypervisor&)> call;
    bool waits = true;                          ///< For the VM's turn, and for room among all changes.
};

/// A call of libvirt about a VM as a whole: a thread of its own makes it, and may outlast its caller.
class LifecycleCall {
public:
    LifecycleCall(Context& context, Wanted wanted)
        : hypervisor_(context.hypervisor), operations_(context.operations), wanted_(std::move(wanted)) {}

    /// The thread's: unless its caller has given it up meanwhile.
    void make(Clock::time_point deadline)
    {
        const auto admission = wanted_.waits ? operations_.admit(wanted_.holder, deadline) : nullptr;
        if (!advanceTo(Stage::UnderWay))
            return;
        try {
            vm_ = wanted_.call(hypervisor_);
        } catch (const HypervisorError& error) {
            error_ = error;
        }
    }

    /// The caller's, at his deadline. False: it is under way.
    bool giveUp() { return advanceTo(Stage::GivenUp); }

    // The caller's, when it has come back in time.
    const std::optional<HypervisorError>& error() const { return error_; }
    const std::optional<Uuid>& vm() const { return vm_; }

private:
    enum class Stage { Waiting, UnderWay, GivenUp };

    bool advanceTo(Stage next)
    {
        auto waiting = Stage::Waiting;
        return stage_.compare_exchange_strong(waiting, next);
    }

    Hypervisor& hypervisor_;
    Operations& operations_;
    const Wanted wanted_;
    std::atomic<Stage> stage_ = Stage::Waiting;
    std::optional<HypervisorError> error_;
    std::optional<Uuid> vm_;
};

Refusal otherUnderWay()
{
    return {Reason::TooBusy, "another change of this VM as a whole is inside libvirt; ask again when it is over, or destroy the "
        "VM if it hangs"};
}

LifecycleAnswer pending(const std::string& why)
{
    return {Outcome::Pending, why + "; look at the VM before you ask again", std::nullopt};
}

LifecycleAnswer answerOf(const LifecycleCall& call, bool wasConnected)
{
    if (!call.error())
        return {Outcome::Done, {}, call.vm()};
    if (call.error()->kind() == ErrorKind::Unavailable && wasConnected)
        return pending(fmt::format("the connection to libvirt broke meanwhile ({})", call.error()->what()));
    throw asRefusal(*call.error());
}

LifecycleAnswer change(Context& context, const Wanted& wanted, Clock::time_point deadline)
{
    const auto call = std::make_shared<LifecycleCall>(context, wanted);
    const bool connected = context.hypervisor.connected();
    const auto end = context.lifecycleCalls.run([place = wanted.place] { return place; }, deadline,
        [call, deadline] { call->make(deadline); });
    if (end == BoundedCalls::End::InTime)
        return answerOf(*call, connected);
    if (end == BoundedCalls::End::NotBegun)
        throw otherUnderWay();
    if (call->giveUp())
        throw context.operations.whyBusy(wanted.holder.vm);
    return pending("libvirt has not answered yet and goes on with it");
}

/// A change of a VM that exists.
Wanted ofVm(const char* verb, const Uuid& vm, void (Hypervisor::*step)(const Uuid&))
{
    const auto call = [vm, step](Hypervisor& hypervisor) {
        (hypervisor.*step)(vm);
        return std::nullopt;
    };
    return {{verb, vm, std::nullopt}, "VM " + vm.str(), call};
}

/// False also when it cannot be read now: that must not keep a VM from being destroyed.
bool isActive(Hypervisor& hypervisor, const Uuid& vm)
{
    try {
        return hypervisor.read(vm).live.has_value();
    } catch (const HypervisorError&) {
        return false;
    }
}

/// A VM that ends by itself while it is destroyed has ended as asked.
std::optional<Uuid> destroyActive(Hypervisor& hypervisor, const Uuid& vm)
{
    const bool active = isActive(hypervisor, vm);
    try {
        hypervisor.destroy(vm);
    } catch (const HypervisorError& error) {
        if (!active || error.kind() != ErrorKind::NotRunning)
            throw;
    }
    return std::nullopt;
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
    if (std::ranges::any_of(name, [](unsigned char byte) { return std::iscntrl(byte) != 0; }))
        throw Refusal(Reason::InvalidParameter, "a VM's name cannot have control characters; choose another name").at("/xml");
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

LifecycleAnswer defineVm(Context& context, const std::string& domainXml, Clock::time_point deadline)
{
    const auto name = nameInDefinition(domainXml);
    requireSafeName(name);
    const auto call = [domainXml](Hypervisor& hypervisor) { return hypervisor.define(domainXml); };
    return change(context, {{"defineVm", std::nullopt, std::nullopt}, "the VM named " + name, call}, deadline);
}

LifecycleAnswer startVm(Context& context, const Uuid& vm, Clock::time_point deadline)
{
    return change(context, ofVm("startVm", vm, &Hypervisor::start), deadline);
}

LifecycleAnswer shutdownVm(Context& context, const Uuid& vm, Clock::time_point deadline)
{
    return change(context, ofVm("shutdownVm", vm, &Hypervisor::shutdown), deadline);
}

LifecycleAnswer destroyVm(Context& context, const Uuid& vm, Clock::time_point deadline)
{
    auto wanted = ofVm("destroyVm", vm, &Hypervisor::destroy);
    wanted.call = [vm](Hypervisor& hypervisor) { return destroyActive(hypervisor, vm); };
    wanted.place = "the end of " + wanted.place;
    wanted.waits = false;
    return change(context, wanted, deadline);
}

LifecycleAnswer undefineVm(Context& context, const Uuid& vm, Clock::time_point deadline)
{
    return change(context, ofVm("undefineVm", vm, &Hypervisor::undefine), deadline);
}

} // namespace hotplug::verbs
