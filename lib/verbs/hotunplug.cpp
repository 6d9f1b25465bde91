#include "planning/planning.h"
#include "verbs/change.h"

namespace hotplug::verbs {

namespace {

Planner plannerOf(Context& context, const DeviceQuery& query, const ChangeOptions& options)
{
    return [&storage = context.storage, query, persist = options.persist](const Domain& domain) {
        auto names = query.source ? storage.namesOf(*query.source) : std::vector<std::string>();
        addSpellings(names, domain, storage);
        return planUnplug(domain, query, names, persist);
    };
}

} // namespace

ChangeAnswer hotunplug(Context& context, const Uuid& vm, const std::vector<DeviceQuery>& queries,
    const ChangeOptions& options)
{
    std::vector<Planner> planners;
    for (const auto& query : queries)
        planners.push_back(plannerOf(context, query, options));
    return change(context, vm, options, std::move(planners));
}

} // namespace hotplug::verbs
