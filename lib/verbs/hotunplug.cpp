#include "planning/planning.h"
#include "verbs/change.h"

#include <set>

namespace hotplug::verbs {

namespace {

std::vector<std::string> sourceNames(const Storage& storage, const DeviceQuery& query)
{
    return query.source ? storage.namesOf(*query.source) : std::vector<std::string>();
}

Planner plannerOf(Context& context, const DeviceQuery& query, const ChangeOptions& options)
{
    return [&storage = context.storage, query, persist = options.persist](const Domain& domain) {
        auto names = sourceNames(storage, query);
        addSpellings(names, domain, storage);
        return planUnplug(domain, query, names, persist);
    };
}

/// Each query means a device of the intent, and each device is meant.
bool repeats(const Storage& storage, const std::vector<DeviceQuery>& queries, const Intent& intent)
{
    std::set<Alias> meant;
    for (const auto& query : queries)
        for (const auto& plan : intent.plans)
            if (isRepeated(query, sourceNames(storage, query), plan))
                meant.insert(plan.alias);
    return meant.size() == queries.size() && queries.size() == intent.plans.size();
}

} // namespace

ChangeAnswer hotunplug(Context& context, const Uuid& vm, const std::vector<DeviceQuery>& queries,
    const ChangeOptions& options)
{
    std::vector<Planner> planners;
    for (const auto& query : queries)
        planners.push_back(plannerOf(context, query, options));
    return change(context, vm, options, std::move(planners), [&storage = context.storage, queries](const Intent& intent) {
        return repeats(storage, queries, intent);
    });
}

} // namespace hotplug::verbs
