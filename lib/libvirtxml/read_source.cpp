#include "libvirtxml/read_source.h"

#include "model/parse_name.h"

#include <charconv>
#include <limits>

namespace hotplug {

namespace {

NetworkHost readHost(const pugi::xml_node& node)
{
    NetworkHost host;
    for (const char* key : {"name", "socket"})
        if (const auto attribute = node.attribute(key))
            host.name = attribute.value();
    constexpr unsigned lastPort = std::numeric_limits<std::uint16_t>::max();
    if (const auto port = readNumber(node.attribute("port")); port && *port <= lastPort)
        host.port = static_cast<std::uint16_t>(*port);
    return host;
}

/// Empty: no network source, or by a protocol that we never plug.
std::optional<NetworkVolume> readVolume(const pugi::xml_node& source)
{
    const auto protocol = parseName<NetworkProtocol>(source.attribute("protocol").value());
    if (!protocol)
        return std::nullopt;
    NetworkVolume volume;
    volume.protocol = *protocol;
    volume.name = source.attribute("name").value();
    for (const auto& host : source.children("host"))
        volume.hosts.push_back(readHost(host));
    return volume;
}

/// As reference() writes it, for protocols that it does not know.
std::string foreignReference(const pugi::xml_node& source)
{
    std::string text = std::string(source.attribute("protocol").value()) + "://";
    for (const auto& node : source.children("host")) {
        const auto host = readHost(node);
        text += (text.back() == '/' ? "" : ",") + host.name + (host.port ? ':' + std::to_string(*host.port) : "");
    }
    return text + '/' + source.attribute("name").value();
}

std::string nameOf(const pugi::xml_node& source)
{
    for (const char* key : {"file", "dev", "dir", "volume"})
        if (const auto attribute = source.attribute(key))
            return attribute.value();
    if (!source.attribute("protocol"))
        return {};
    const auto volume = readVolume(source);
    return volume ? reference(*volume) : foreignReference(source);
}

} // namespace

std::optional<unsigned> readNumber(const pugi::xml_attribute& attribute)
{
    std::string_view text = attribute.value();
    int base = 10;
    if (text.starts_with("0x")) {
        text.remove_prefix(2);
        base = 16;
    }
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

void readSources(const pugi::xml_node& node, DomainDisk& disk)
{
    disk.type = node.attribute("type").as_string("file");
    disk.volume = readVolume(node.child("source"));
    for (auto layer = node; layer; layer = layer.child("backingStore"))
        if (auto source = nameOf(layer.child("source")); !source.empty())
            disk.sources.push_back(std::move(source));
}

} // namespace hotplug
