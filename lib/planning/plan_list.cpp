#include "planning/capacity.h"
#include "planning/planning.h"

#include <algorithm>
#include <fmt/format.h>

namespace hotplug {

namespace {

/// The VM as it will be once the plan is carried out.
void carryOut(Domain& domain, const Plan& plan)
{
    if (plan.goal == Goal::Plug)
        addDevice(domain, plan.deviceXml, plan.persist);
}

void requireNewIn(const std::vector<Plan>& plans, const Plan& plan)
{
    const auto same = [&plan](const Plan& other) { return other.alias == plan.alias; };
    const auto found = std::ranges::find_if(plans, same);
    if (found != plans.end())
        throw Refusal(Reason::InvalidParameter,
            fmt::format("entry {} of the list names the same device; name each device once", found - plans.begin()))
            .against(plan.alias.str());
}

Plan planEntry(const Planner& planner, const Domain& domain, const std::vector<Plan>& before)
{
    auto plan = planner(domain);
    requireNewIn(before, plan);
    return plan;
}

/// What fits into the VM is told as it is, not as the entries before would leave it: none of them is carried out.
[[noreturn]] void refuseEntry(std::size_t entry, Refusal refusal, const Domain& domain)
{
    refusal.at(fmt::format("/{}{}", entry, refusal.field()));
    if (entry > 0 && !refusal.capacity().empty())
        refusal.counting(capacityOf(domain).counts());
    throw refusal;
}

} // namespace

std::vector<Plan> planAll(const std::vector<Planner>& planners, const Domain& domain)
{
    std::optional<Domain> later;                // copied only when something is carried out: a VM may be large
    std::vector<Plan> plans;
    try {
        for (const auto& planner : planners) {
            if (!plans.empty())
                carryOut(later ? *later : later.emplace(domain), plans.back());
            plans.push_back(planEntry(planner, later ? *later : domain, plans));
        }
    } catch (const Refusal& refusal) {
        refuseEntry(plans.size(), refusal, domain);
    }
    return plans;
}

} // namespace hotplug
