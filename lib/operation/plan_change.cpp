#include "operation/plan_change.h"

#include <algorithm>
#include <fmt/format.h>

namespace hotplug {

namespace {

void occupy(Domain& domain, const std::vector<Address>& addresses, const std::string& holder)
{
    if (!domain.live)
        return;
    for (const auto& address : addresses) {
        if (const auto* pci = std::get_if<PciAddress>(&address))
            domain.live->pci.push_back({*pci, holder});
        else
            domain.live->scsi.push_back({std::get<DriveAddress>(address), holder});
    }
}

Refusal stillLeaving(const std::string& alias, const std::string& field)
{
    return Refusal(Reason::HasPendingUnplug,
        fmt::format("{} is still being unplugged; wait until the guest has let go", alias)).at(field).against(alias);
}

/// Runs planners; a device that is in the way only because it has not left yet is called by its right name.
template<typename Planning> auto explaining(const Change& change, const TurnTools& tools, Planning&& planning)
{
    try {
        return planning();
    } catch (const Refusal& refusal) {
        if (refusal.reason() == Reason::AlreadyPlugged
            && tools.openOperation(change.ask().vm, Goal::Unplug, Alias(refusal.conflictsWith())))
            throw stillLeaving(refusal.conflictsWith(), refusal.field());
        throw;
    }
}

bool isForWantOfRoom(Reason reason)
{
    return reason == Reason::NoFreePciPort || reason == Reason::AddressInUse;
}

} // namespace

/// An address that has just been released is used only when it was asked for, or no other is left.
std::vector<Plan> planChange(const Change& change, const TurnTools& tools, const Domain& domain)
{
    const auto& planners = change.ask().planners;
    return explaining(change, tools, [&] {
        const auto resting = tools.restingAddresses(change.ask().vm);
        if (resting.empty())
            return planAll(planners, domain);
        try {
            auto crowded = domain;
            occupy(crowded, resting, "a device that has just left");
            return planAll(planners, std::move(crowded));
        } catch (const Refusal& refusal) {
            if (!isForWantOfRoom(refusal.reason()))
                throw;
            return planAll(planners, domain);
        }
    });
}

Plan planAgain(const Change& change, const TurnTools& tools, const Domain& domain, std::size_t entry)
{
    auto expected = domain;
    occupy(expected, change.memory.refusedAddresses, "a device that the XML does not show");
    const auto intent = change.intent();
    for (auto i = entry + 1; i < intent->plans.size(); ++i)
        addDevice(expected, intent->plans[i].deviceXml, intent->plans[i].persist);
    return explaining(change, tools, [&] { return change.ask().planners[entry](expected); });
}

std::shared_ptr<Change> operationToJoin(const TurnTools& tools, const std::vector<Plan>& plans)
{
    if (plans.front().goal != Goal::Unplug)
        return nullptr;
    const auto otherOf = [&tools](const Plan& plan) { return tools.openOperation(plan.vm, Goal::Unplug, plan.alias); };
    const auto first = otherOf(plans.front());
    const bool whole = first && !first->intent()->givenUp;
    for (const auto& plan : plans)
        if (const auto other = otherOf(plan); other != first || (other && !whole))
            throw stillLeaving(other ? plan.alias.str() : plans.front().alias.str(), {});
    return first;
}

} // namespace hotplug
