#pragma once

#include "model/parse_name.h"

namespace hotplug {

inline std::optional<Goal> goalByName(std::string_view text)
{
    return parseName<Goal>(text);
}

inline std::optional<DeviceKind> kindByName(std::string_view text)
{
    return parseName<DeviceKind>(text);
}

} // namespace hotplug
