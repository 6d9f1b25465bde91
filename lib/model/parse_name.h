#pragma once

#include "model/outcome.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string_view>

namespace hotplug {

/// Every enumerator of a type whose names are also read; a type without a list cannot be parsed.
template<typename Enum> inline constexpr auto enumerators = nullptr;

template<> inline constexpr std::array enumerators<DeviceKind> = {DeviceKind::Disk, DeviceKind::Nic};
template<> inline constexpr std::array enumerators<Bus> = {Bus::Virtio, Bus::Scsi, Bus::Sata, Bus::Ide};
template<> inline constexpr std::array enumerators<DiskFormat> = {DiskFormat::Raw, DiskFormat::Qcow2};
template<> inline constexpr std::array enumerators<NetworkProtocol> = {NetworkProtocol::Iscsi, NetworkProtocol::Nbd,
    NetworkProtocol::Rbd};
template<> inline constexpr std::array enumerators<Goal> = {Goal::Plug, Goal::Unplug};
template<> inline constexpr std::array enumerators<Outcome> = {Outcome::Running, Outcome::Done, Outcome::Refused,
    Outcome::Failed, Outcome::Pending, Outcome::Cancelled, Outcome::Moved};

/// The way back from name(); empty for a name that no enumerator has.
template<typename Enum> std::optional<Enum> parseName(std::string_view text)
{
    const auto found = std::ranges::find_if(enumerators<Enum>, [text](Enum value) { return name(value) == text; });
    return found == std::end(enumerators<Enum>) ? std::nullopt : std::optional(*found);
}

} // namespace hotplug
