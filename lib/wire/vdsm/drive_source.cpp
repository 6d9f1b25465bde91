#include "wire/vdsm/dictionary_parts.h"

#include <array>
#include <fmt/format.h>

namespace hotplug::wire {

namespace {

constexpr std::array quartet = {"poolID", "domainID", "imageID", "volumeID"};

bool hasQuartet(const DictionaryReader& reader)
{
    return std::ranges::any_of(quartet, [&](const char* key) { return reader.has(key); });
}

/// The key that names a network volume. VDSM has it in path, which can only be a file's when it is absolute.
const char* volumeKey(const DictionaryReader& reader)
{
    const bool asVdsm = reader.has("protocol") && !reader.has("name") && reader.has("path");
    return asVdsm && !reader.word("path").starts_with('/') ? "path" : "name";
}

/// The key by which each way of naming a source is known.
std::vector<const char*> waysOf(const DictionaryReader& reader)
{
    std::vector<const char*> ways;
    const bool pathIsVolume = std::string_view(volumeKey(reader)) == "path";
    for (const char* key : {"path", "GUID", "UUID", "protocol"})
        if (reader.has(key) && !(pathIsVolume && std::string_view(key) == "path"))
            ways.push_back(key);
    const auto part = std::ranges::find_if(quartet, [&](const char* key) { return reader.has(key); });
    if (part != quartet.end())
        ways.push_back(*part);
    return ways;
}

ImageQuartet readQuartet(DictionaryReader& reader)
{
    const auto part = [&](const char* key) { return reader.uuid(key).value_or(Uuid()); };
    return {part("poolID"), part("domainID"), part("imageID"), part("volumeID")};
}

MultipathGuid readGuid(DictionaryReader& reader)
{
    auto guid = reader.raw("GUID").asString();
    if (!isMadeOf(guid, "._-") || guid.starts_with('.'))
        reader.problem("/GUID", "must be a name of A-Z a-z 0-9 . _ - such as 3600a0b80005b0acc0000af1b4d5f7a10");
    return {std::move(guid)};
}

FileSystemUuid readFileSystemUuid(DictionaryReader& reader)
{
    auto uuid = reader.raw("UUID").asString();
    if (!isMadeOf(uuid, "-"))
        reader.problem("/UUID", "must be of A-Z a-z 0-9 - such as 1b4e28ba-2fa1-11d2-883f-0016d3cca427");
    return {std::move(uuid)};
}

std::optional<std::uint16_t> readPort(const Json::Value& host, const std::string& at, DictionaryReader& reader)
{
    const auto port = reader.numberIn(host, at, "port", 1, std::numeric_limits<std::uint16_t>::max());
    return port ? std::optional(static_cast<std::uint16_t>(*port)) : std::nullopt;
}

std::vector<NetworkHost> readHosts(DictionaryReader& reader)
{
    std::vector<NetworkHost> hosts;
    for (const auto& host : reader.raw("hosts")) {
        const auto at = fmt::format("/hosts/{}", hosts.size());
        hosts.push_back({host["name"].asString(), readPort(host, at, reader)});
        if (!isMadeOf(hosts.back().name, ".:_-"))
            reader.problem(at + "/name", "must be a host name or an IP address without brackets");
    }
    return hosts;
}

std::optional<NetworkAuth> readAuth(DictionaryReader& reader)
{
    const auto& auth = reader.raw("auth");
    if (auth.empty())
        return std::nullopt;
    for (const char* key : {"username", "uuid"})
        if (!auth.isMember(key))
            reader.problem(std::string("/auth/") + key, "is required");
    const auto username = auth["username"].asString();
    if (auth.isMember("username") && !isPrintable(username))
        reader.problem("/auth/username", "must be printable");
    const auto secret = Uuid::parse(auth["uuid"].asString());
    if (auth.isMember("uuid") && !secret)
        reader.problem("/auth/uuid", "must be the UUID of a libvirt secret");
    return NetworkAuth{username, secret.value_or(Uuid())};
}

std::string readVolumeName(DictionaryReader& reader)
{
    const auto key = volumeKey(reader);
    const auto& name = reader.raw(key);
    if (name.isNull())
        return {};
    if (name.isString() && isPrintable(name.asString()))
        return name.asString();
    reader.problem(std::string("/") + key, "must be a printable string");
    return {};
}

NetworkVolume readNetworkVolume(DictionaryReader& reader)
{
    const auto protocol = choice<NetworkProtocol>(reader, "protocol",
        {{"iscsi", NetworkProtocol::Iscsi}, {"nbd", NetworkProtocol::Nbd}, {"rbd", NetworkProtocol::Rbd}});
    return {protocol.value_or(NetworkProtocol::Iscsi), readVolumeName(reader), readHosts(reader), readAuth(reader)};
}

[[noreturn]] void refuse(Reason reason, const std::string& key, const std::string& sentence)
{
    throw Refusal(reason, sentence).at("/" + key);
}

void requireWholeQuartet(const DictionaryReader& reader)
{
    const auto absent = std::ranges::find_if(quartet, [&](const char* key) { return !reader.has(key); });
    if (absent != quartet.end())
        refuse(Reason::MissingParameter, *absent,
            fmt::format("an image is named by poolID, domainID, imageID and volumeID; give {} too", *absent));
}

void requireFittingHosts(const DictionaryReader& reader, std::string_view protocol)
{
    const auto count = reader.raw("hosts").size();
    if (protocol == "rbd" || count == 1)
        return;
    refuse(count == 0 ? Reason::MissingParameter : Reason::InvalidParameter, "hosts",
        fmt::format("{} has exactly one host; give it", protocol));
}

void requireFittingAuth(const DictionaryReader& reader, std::string_view protocol)
{
    const auto& auth = reader.raw("auth");
    if (auth.empty())
        return;
    if (protocol == "nbd")
        refuse(Reason::InvalidParameter, "auth", "nbd has no login; leave auth out");
    const auto type = auth["type"].asString();
    const bool fits = type.empty() || (protocol == "rbd") == (type == "ceph");
    if (!fits)
        refuse(Reason::InvalidParameter, "auth/type",
            fmt::format("a login of type {} does not fit {}; give {}", type, protocol,
                protocol == "rbd" ? "ceph" : "chap"));
}

void requireSoundVolume(const DictionaryReader& reader)
{
    const auto protocol = reader.word("protocol");
    if (protocol != "nbd" && !reader.has(volumeKey(reader)))
        refuse(Reason::MissingParameter, "name",
            protocol == "rbd" ? "the volume has no name; give pool/image" : "the volume has no name; give target/lun");
    requireFittingHosts(reader, protocol);
    requireFittingAuth(reader, protocol);
}

/// VDSM's diskType must not contradict the kind of source, where the dictionary alone shows it.
void requireFittingDiskType(const DictionaryReader& reader)
{
    const auto type = reader.word("diskType");
    const bool network = reader.has("protocol");
    const bool device = reader.has("GUID") || reader.has("UUID");
    if (!type.empty() && ((type == "network") != network || (device && type != "block")))
        refuse(Reason::InvalidParameter, "diskType",
            fmt::format("the source is {}, not {}; leave diskType out",
                network ? "a network volume" : device ? "a block device" : "on this host", type));
}

} // namespace

std::optional<SourceRef> readSource(DictionaryReader& reader)
{
    if (reader.has("protocol"))
        return readNetworkVolume(reader);
    if (reader.has("path"))
        return ImagePath{reader.raw("path").asString()};
    if (reader.has("GUID"))
        return readGuid(reader);
    if (reader.has("UUID"))
        return readFileSystemUuid(reader);
    if (hasQuartet(reader))
        return readQuartet(reader);
    return std::nullopt;
}

void requireSoundSource(const DictionaryReader& reader, bool required)
{
    const auto ways = waysOf(reader);
    if (ways.empty() && required)
        refuse(Reason::MissingParameter, "path",
            "the disk has no source; give path, GUID, UUID, protocol, or poolID with domainID, imageID and volumeID");
    if (ways.size() > 1)
        refuse(Reason::InvalidParameter, ways.back(),
            fmt::format("the disk has several sources ({}); give one", fmt::join(ways, ", ")));
    if (reader.has("protocol"))
        requireSoundVolume(reader);
    else if (hasQuartet(reader))
        requireWholeQuartet(reader);
    for (const char* key : {"hosts", "auth"})
        if (!reader.has("protocol") && !reader.raw(key).empty())
            refuse(Reason::InvalidParameter, key, fmt::format("{} belongs to a protocol; give that, or leave it out", key));
    requireFittingDiskType(reader);
}

} // namespace hotplug::wire
