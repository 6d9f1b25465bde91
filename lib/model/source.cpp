#include "model/source.h"

#include <algorithm>

namespace hotplug {

namespace {

std::uint16_t defaultPort(NetworkProtocol protocol)
{
    constexpr std::uint16_t iscsi = 3260, nbd = 10809, rbd = 6789;
    switch (protocol) {
    case NetworkProtocol::Iscsi: return iscsi;
    case NetworkProtocol::Nbd: return nbd;
    case NetworkProtocol::Rbd: break;
    }
    return rbd;
}

/// Host names have no case.
std::string lower(std::string text)
{
    std::ranges::transform(text, text.begin(),
        [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

} // namespace

std::uint16_t portOf(NetworkProtocol protocol, const NetworkHost& host)
{
    return host.port.value_or(defaultPort(protocol));
}

std::string reference(const NetworkVolume& volume)
{
    std::string text(name(volume.protocol));
    text += "://";
    for (const auto& host : volume.hosts) {
        if (&host != &volume.hosts.front())
            text += ',';
        text += lower(host.name) + ':' + std::to_string(portOf(volume.protocol, host));
    }
    return text + '/' + volume.name;
}

std::string canonicalReference(const std::string& reference)
{
    constexpr std::string_view scheme = "iscsi://";
    const auto slash = reference.find('/', scheme.size());
    if (!reference.starts_with(scheme) || slash == std::string::npos)
        return reference;
    return std::string(scheme) + reference.substr(slash);
}

} // namespace hotplug
