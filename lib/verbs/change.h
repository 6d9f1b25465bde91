#pragma once

#include "operation/libvirt_refusal.h"
#include "planning/planning.h"
#include "verbs/verbs.h"

#include <vector>

namespace hotplug::verbs {

/// The way that every changing device verb goes: dryRun only plans, everything else is submitted and awaited.
/// The planners, one per device, are called in the VM's turn (dryRun: here) and throw Refusal.
/// `repeats`: see Ask.
ChangeAnswer change(Context& context, const Uuid& vm, const ChangeOptions& options, std::vector<Planner> planners,
    std::function<bool(const Intent&, bool inTurn)> repeats = {});

/// Runs a call of the hypervisor; its errors become refusals with a reason.
template<typename Call> auto asking(Call&& call)
{
    try {
        return call();
    } catch (const HypervisorError& error) {
        throw asRefusal(error);
    }
}

/// Reads and parses; throws Refusal when the VM is unknown or libvirt does not answer.
Domain readDomain(Context& context, const Uuid& vm);

/// A device may stand in the VM's documents by another link than the caller's: those names are added.
void addSpellings(std::vector<std::string>& names, const Domain& domain, const Storage& storage);

/// What is written once a plan is done, as listDevices would show it.
DeviceView viewOf(const Plan& plan, DeviceState state);

} // namespace hotplug::verbs
