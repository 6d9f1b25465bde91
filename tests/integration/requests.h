#pragma once

#include "support/hotplugd.h"

#include <string>
#include <vector>

namespace hotplug::test {

/// A disk's dictionary: `{"path": …, "format": "raw", …}`. A later member wins.
inline Json::Value diskOf(const std::string& path, Members more = {})
{
    auto dictionary = object({{"path", path}, {"format", "raw"}});
    for (const auto& [name, value] : more)
        dictionary[name] = value;
    return dictionary;
}

/// Params of the disk verbs, but for the VM: `{"drive": {…}}`.
inline Json::Value drive(const std::string& path, Members more = {})
{
    return object({{"drive", diskOf(path, more)}});
}

/// The same for several disks: `{"device": [{…}, …]}`.
inline Json::Value drives(const std::vector<Json::Value>& disks)
{
    Json::Value list(Json::arrayValue);
    for (const auto& one : disks)
        list.append(one);
    return object({{"device", list}});
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
