#pragma once

#include "requests.h"
#include "support/loop_device.h"

#include "base/uuid.h"

#include <string>
#include <vector>

namespace hotplug::test {

/// A volume of a server on this host.
inline Json::Value networkDrive(const char* protocol, const std::string& name, unsigned port, Members more = {})
{
    auto host = object({{"name", "127.0.0.1"}, {"port", std::to_string(port)}, {"transport", "tcp"}});
    auto dictionary = object({{"protocol", protocol}, {"name", name}, {"format", "raw"}, {"hosts", Json::arrayValue}});
    dictionary["hosts"].append(host);
    for (const auto& [key, value] : more)
        dictionary[key] = value;
    return object({{"drive", dictionary}});
}

/// A raw disk by one key: `GUID`, `UUID`.
inline Json::Value named(const char* key, const std::string& value, Members more = {})
{
    auto dictionary = object({{key, value}, {"format", "raw"}});
    for (const auto& [name, member] : more)
        dictionary[name] = member;
    return object({{"drive", dictionary}});
}

/// A loop device under the names that udev gives to multipath devices and file systems; each is allowed by a pattern.
struct NamedDevice {
    explicit NamedDevice(const std::filesystem::path& image) : device(image)
    {
        device.link("/dev/mapper/" + guid);
        device.link("/dev/disk/by-uuid/" + uuid);
        device.link("/dev/disk/by-id/" + id);
    }

    const std::string uuid = Uuid::random().str();
    const std::string guid = "36001405" + uuid.substr(0, 8), id = "hotplug-" + uuid.substr(0, 8);
    LoopDevice device;
};

/// What the daemon must be told to take a NamedDevice.
inline std::vector<std::string> allowing()
{
    return {"--block-device", "/dev/mapper/36001405*", "--block-device", "/dev/disk/by-*/*"};
}

} // namespace hotplug::test
