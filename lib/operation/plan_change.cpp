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
template<typename Planning> auto explaining(const Ask& ask, const TurnTools& tools, Planning&& planning)
{
    try {
        return planning();
    } catch (const Refusal& refusal) {
        if (refusal.reason() == Reason::AlreadyPlugged
            && tools.openOperation(ask.vm, Goal::Unplug, Alias(refusal.conflictsWith())))
            throw stillLeaving(refusal.conflictsWith(), refusal.field());
        throw;
    }
}

bool isForWantOfRoom(Reason reason)
{
    return reason == Reason::NoFreePciPort || reason == Reason::AddressInUse;
}

/// While one device of a list has left and another has not, their operation is open and would ask the first to leave
/// again should it come back.
std::vector<Plan> withoutLeaving(const TurnTools& tools, std::vector<Plan> plans)
{
    for (std::size_t i = 0; i < plans.size(); ++i)
        if (plans[i].goal == Goal::Plug && tools.openOperation(plans[i].vm, Goal::Unplug, plans[i].alias))
            throw stillLeaving(plans[i].alias.str(), fmt::format("/{}/deviceId", i));
    return plans;
}

/// Between its turns a plug may wait to try again, or for the other devices of its list. Whatever another operation did to
/// its device meanwhile, one of the two would end otherwise than it says.
std::vector<Plan> withoutComing(const TurnTools& tools, std::vector<Plan> plans)
{
    for (std::size_t i = 0; i < plans.size(); ++i)
        if (const auto plug = tools.openOperation(plans[i].vm, Goal::Plug, plans[i].alias))
            throw Refusal(Reason::TooBusy, fmt::format("{} is still being plugged; ask again when that is over",
                plans[i].alias.str())).at(fmt::format("/{}", i)).against(plug->id().str());
    return plans;
}

bool sameDevices(const std::vector<Plan>& plans, const Intent& intent)
{
    return plans.size() == intent.plans.size()
        && std::ranges::all_of(plans, [&intent](const Plan& plan) {
               const auto* other = intent.find(plan.alias);
               return other && other->persist == plan.persist;
           });
}

} // namespace

/// An address that has just been released is used only when it was asked for, or no other is left.
std::vector<Plan> planChange(const Ask& ask, const TurnTools& tools, const Domain& domain)
{
    return withoutComing(tools, withoutLeaving(tools, explaining(ask, tools, [&] {
        const auto resting = tools.restingAddresses(ask.vm);
        if (resting.empty())
            return planAll(ask.planners, domain);
        try {
            auto crowded = domain;
            occupy(crowded, resting, "a device that has just left");
            return planAll(ask.planners, crowded);
        } catch (const Refusal& refusal) {
            if (!isForWantOfRoom(refusal.reason()))
                throw;
            return planAll(ask.planners, domain);
        }
    })));
}

Plan planAgain(const Change& change, const TurnTools& tools, const Domain& domain, std::size_t entry)
{
    auto expected = domain;
    occupy(expected, change.memory.refusedAddresses, "a device that the XML does not show");
    const auto intent = change.intent();
    for (auto i = entry + 1; i < intent->plans.size(); ++i)
        addDevice(expected, intent->plans[i].deviceXml, intent->plans[i].persist);
    return explaining(change.ask(), tools, [&] { return change.ask().planners[entry](expected); });
}

std::shared_ptr<Change> operationToJoin(const TurnTools& tools, const std::vector<Plan>& plans)
{
    if (plans.front().goal != Goal::Unplug)
        return nullptr;
    const auto otherOf = [&tools](const Plan& plan) { return tools.openOperation(plan.vm, Goal::Unplug, plan.alias); };
    for (std::size_t i = 0; i < plans.size(); ++i) {
        const auto other = otherOf(plans[i]);
        const auto intent = other ? other->intent() : nullptr;
        if (intent && !intent->givenUp && sameDevices(plans, *intent))
            return other;
        if (intent)
            throw stillLeaving(plans[i].alias.str(), fmt::format("/{}", i));
    }
    return nullptr;
}

} // namespace hotplug
