#pragma once

#include "model/outcome.h"

#include <initializer_list>
#include <optional>
#include <string_view>

namespace hotplug {

/// The way back from name(): what the journal reads is what it wrote.
template<typename Enum>
std::optional<Enum> enumByName(std::string_view text, std::initializer_list<Enum> all)
{
    for (const auto value : all)
        if (name(value) == text)
            return value;
    return std::nullopt;
}

inline std::optional<Goal> goalByName(std::string_view text)
{
    return enumByName(text, {Goal::Plug, Goal::Unplug});
}

inline std::optional<DeviceKind> kindByName(std::string_view text)
{
    return enumByName(text, {DeviceKind::Disk, DeviceKind::Nic});
}

inline std::optional<Outcome> outcomeByName(std::string_view text)
{
    return enumByName(text, {Outcome::Running, Outcome::Done, Outcome::Refused, Outcome::Failed, Outcome::Pending,
        Outcome::Cancelled, Outcome::Moved});
}

} // namespace hotplug
