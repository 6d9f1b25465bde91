#include "model/source.h"

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
        text += host.name + ':' + std::to_string(portOf(volume.protocol, host));
    }
    return text + '/' + volume.name;
}

} // namespace hotplug
