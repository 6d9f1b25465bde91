#pragma once

#include <json/value.h>
#include <optional>
#include <string>
#include <string_view>

namespace hotplug::ctl {

/// People write `0000:05:00.0` (PCI, the domain may be left out) or `0:0:0:3` (drive: controller, bus, target,
/// unit); the wire has VDSM's object (SPEC A5). Empty: neither form. Whether such a place exists the daemon judges.
std::optional<Json::Value> addressFromText(std::string_view text);

/// The other way round, whatever the daemon sent: a form that is not understood is shown as JSON, null as "".
std::string addressText(const Json::Value& address);

} // namespace hotplug::ctl
