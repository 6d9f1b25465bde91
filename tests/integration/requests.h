#pragma once

#include "support/hotplugd.h"

#include <string>

namespace hotplug::test {

/// Params of the disk verbs, but for the VM: `{"drive": {"path": …, "format": "raw", …}}`. A later member wins.
inline Json::Value drive(const std::string& path, Members more = {})
{
    auto dictionary = object({{"path", path}, {"format", "raw"}});
    for (const auto& [name, value] : more)
        dictionary[name] = value;
    return object({{"drive", dictionary}});
}

/// Params of the NIC verbs: `{"nic": {"network": …, …}}`.
inline Json::Value nic(const std::string& bridge, Members more = {})
{
    auto dictionary = object({{"network", bridge}});
    for (const auto& [name, value] : more)
        dictionary[name] = value;
    return object({{"nic", dictionary}});
}

inline Json::Value with(Json::Value params, Members more)
{
    for (const auto& [name, value] : more)
        params[name] = value;
    return params;
}

inline Json::Value deviceId(const std::string& id)
{
    return object({{"deviceId", id}});
}

inline Json::Value pciAddress(unsigned bus, unsigned slot = 0)
{
    return object({{"type", "pci"}, {"bus", bus}, {"slot", slot}});
}

inline Json::Value scsiAddress(unsigned unit)
{
    return object({{"type", "drive"}, {"controller", "0"}, {"unit", unit}});
}

} // namespace hotplug::test
