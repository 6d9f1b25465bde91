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

/// The devices of earlier unplugs that are asked for again. What storage knows of the sources is asked for once.
class Repetition {
public:
    Repetition(const Storage& storage, const std::vector<DeviceQuery>& queries, std::optional<bool> persist)
        : storage_(storage), queries_(queries), names_(queries.size()), persist_(persist) {}

    /// Each query means a device of the intent, and each device is meant.
    bool operator()(const Intent& intent, bool inTurn)
    {
        std::set<Alias> meant;
        for (std::size_t i = 0; i < queries_.size(); ++i)
            for (const auto& plan : intent.plans)
                if (isMeant(i, plan, inTurn))
                    meant.insert(plan.alias);
        return meant.size() == queries_.size() && queries_.size() == intent.plans.size();
    }

private:
    bool isMeant(std::size_t i, const Plan& plan, bool inTurn)
    {
        const auto& query = queries_[i];
        const bool isNamed = query.id || query.alias;
        if (!inTurn && (!isNamed || query.source))          // several devices may agree, or storage must be asked
            return false;
        if (!names_[i])
            names_[i] = sourceNames(storage_, query);
        return isRepeated(query, *names_[i], persist_, plan);
    }

    const Storage& storage_;
    std::vector<DeviceQuery> queries_;
    std::vector<std::optional<std::vector<std::string>>> names_;
    std::optional<bool> persist_;
};

} // namespace

ChangeAnswer hotunplug(Context& context, const Uuid& vm, const std::vector<DeviceQuery>& queries,
    const ChangeOptions& options)
{
    std::vector<Planner> planners;
    for (const auto& query : queries)
        planners.push_back(plannerOf(context, query, options));
    return change(context, vm, options, std::move(planners), Repetition(context.storage, queries, options.persist));
}

} // namespace hotplug::verbs
