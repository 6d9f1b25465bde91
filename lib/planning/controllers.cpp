#include "planning/controllers.h"

#include "base/reason.h"

#include <algorithm>
#include <fmt/format.h>

namespace hotplug {

const Controller* findController(const Definition& document, std::string_view type, unsigned index)
{
    const auto found = std::ranges::find_if(document.controllers,
        [&](const Controller& one) { return one.type == type && one.index == index; });
    return found == document.controllers.end() ? nullptr : &*found;
}

bool definitionHas(const Domain& domain, const Controller& controller, bool persist)
{
    if (!persist || !domain.config)
        return true;
    const auto* same = findController(*domain.config, controller.type, controller.index);
    return same && same->model == controller.model;
}

void refuseAddress(const Address& address, const std::string& why)
{
    throw Refusal(Reason::AddressNotUsable, fmt::format("address {}: {}", str(address), why)).at("/address");
}

void requireFree(const Address& address, const std::optional<std::string>& holder)
{
    if (holder)
        throw Refusal(Reason::AddressInUse,
            fmt::format("address {} belongs to {}; leave it out to have a free one chosen", str(address), *holder))
            .at("/address").against(*holder);
}

} // namespace hotplug
