#pragma once

#include "hotplugctl/unix_http.h"
#include "integration/requests.h"

#include <filesystem>
#include <string>

namespace hotplug::bench {

/// One kept connection to a hotplugd. One thread.
class Client {
public:
    explicit Client(const std::filesystem::path& socket) : http_(socket) {}

    /// The result; throws when the answer is no.
    Json::Value must(const std::string& verb, const Json::Value& params);
    /// Whatever the answer is.
    Json::Value ask(const std::string& verb, const Json::Value& params);

private:
    ctl::UnixHttp http_;
};

/// A device that is plugged and unplugged again: the requests, and what libvirt is to be told for the same.
struct Device {
    std::string plugVerb, unplugVerb, alias;
    Json::Value plug, unplug;

    /// The XML that hotplugd would attach now, addresses and all.
    std::string xml(Client& client) const;
};

Device diskDevice(const std::string& vm, const std::string& id, const std::string& image, const std::string& bus);
Device nicDevice(const std::string& vm, const std::string& id, const std::string& bridge);

/// What the guest calls it.
inline constexpr const char* nicMac = "52:54:00:be:9c:01";

} // namespace hotplug::bench
