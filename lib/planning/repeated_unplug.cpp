#include "planning/planning.h"

#include <algorithm>

namespace hotplug {

namespace {

bool sameId(const DeviceQuery& query, const Plan& unplugged)
{
    return (!query.id || query.id == unplugged.device) && (!query.alias || *query.alias == unplugged.alias)
        && (!query.address || query.address == unplugged.address);
}

bool sameScope(std::optional<bool> persist, const Plan& unplugged)
{
    const bool spares = !unplugged.persist && unplugged.record && unplugged.record->persist;
    return persist.value_or(true) ? !spares : !unplugged.persist;
}

/// The record holds what the caller of the plug had named.
bool sameIdentity(const DeviceQuery& query, const std::vector<std::string>& sourceNames, const Plan& unplugged)
{
    const auto& record = unplugged.record;
    if (!record)
        return !query.source && !query.serial && !query.mac;
    return (!query.source || std::ranges::find(sourceNames, record->source) != sourceNames.end())
        && (!query.serial || *query.serial == record->serial) && (!query.mac || query.mac->str() == record->mac);
}

} // namespace

bool isRepeated(const DeviceQuery& query, const std::vector<std::string>& sourceNames, std::optional<bool> persist,
    const Plan& unplugged)
{
    return unplugged.goal == Goal::Unplug && unplugged.kind == query.kind && sameScope(persist, unplugged)
        && sameId(query, unplugged) && sameIdentity(query, sourceNames, unplugged);
}

} // namespace hotplug
