#include "storage/network_volume.h"

#include "base/reason.h"
#include "storage/image_name.h"

#include <algorithm>
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

namespace hotplug {

namespace {

constexpr std::size_t maxHosts = 32, maxHostName = 253, maxTargetName = 223, maxRbdName = 255, maxExportName = 4096,
                      maxUserName = 255, maxShown = 300;
constexpr unsigned maxLun = 16383;              // SCSI's flat addressing

[[noreturn]] void refuse(const NetworkVolume& volume, const char* field, const std::string& problem)
{
    throw Refusal(Reason::InvalidParameter, fmt::format("the {} volume {}", name(volume.protocol), problem)).at(field);
}

/// A caller's word, which may be as long as a request.
std::string quoted(const std::string& word)
{
    return word.size() > maxShown ? fmt::format("(a word of {} bytes)", word.size()) : shown(word);
}

bool isHostName(const std::string& host)
{
    in6_addr ignored{};
    if (host.find(':') != std::string::npos)
        return ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
    // What ends in a number is an address; 127.1, 0x7f.1 and 2130706433 would be more names for 127.0.0.1.
    const auto last = host.substr(host.rfind('.') + 1);
    if (!last.empty() && last.front() >= '0' && last.front() <= '9')
        return ::inet_pton(AF_INET, host.c_str(), &ignored) == 1;
    return consistsOf(host, "._-") && host.size() <= maxHostName && !host.starts_with('-');
}

void requireHosts(const NetworkVolume& volume)
{
    const auto most = volume.protocol == NetworkProtocol::Rbd ? maxHosts : 1;
    if (volume.hosts.empty() || volume.hosts.size() > most)
        refuse(volume, "/hosts", fmt::format("names {} hosts; name {}", volume.hosts.size(),
            most == 1 ? "exactly one" : fmt::format("1 to {}", most)));
    for (const auto& host : volume.hosts) {
        if (!isHostName(host.name))
            refuse(volume, "/hosts", fmt::format("names the host {}; give a host name, or an IP address without "
                "brackets, and the port apart", quoted(host.name)));
        if (host.port == 0)
            refuse(volume, "/hosts", fmt::format("names port 0 of host {}; give 1 to 65535 or none", host.name));
    }
}

bool isLun(std::string_view text)
{
    const bool plain = text == "0" || !text.starts_with('0');       // one spelling for one unit
    return plain && text.size() <= 5 && text.find_first_not_of("0123456789") == std::string_view::npos && !text.empty()
        && std::stoul(std::string(text)) <= maxLun;
}

/// `iqn.2001-04.com.example:store/1`
bool isIscsiName(std::string_view text)
{
    const auto slash = text.find('/');
    const auto target = text.substr(0, slash);
    const bool known = target.starts_with("iqn.") || target.starts_with("eui.") || target.starts_with("naa.");
    return slash != std::string_view::npos && known && consistsOf(target, ".:_-") && target.size() <= maxTargetName
        && isLun(text.substr(slash + 1));
}

/// `pool/image`. In a longer name QEMU would find options behind `:` (a configuration file of the caller's choice, say)
/// and a snapshot behind `@`.
bool isRbdName(std::string_view text)
{
    const auto slash = text.find('/');
    const auto isPart = [](std::string_view part) { return consistsOf(part, "._-") && part.size() <= maxRbdName; };
    return slash != std::string_view::npos && isPart(text.substr(0, slash)) && isPart(text.substr(slash + 1));
}

bool isExportName(std::string_view text)
{
    return text.size() <= maxExportName && isPrintable(text);
}

struct NameRule {
    bool (*fits)(std::string_view);
    std::string right;
};

NameRule nameRule(NetworkProtocol protocol)
{
    switch (protocol) {
    case NetworkProtocol::Iscsi:
        return {isIscsiName,
            fmt::format("name target and LUN (0 to {}), as in iqn.2001-04.com.example:store/1", maxLun)};
    case NetworkProtocol::Nbd:
        return {isExportName, fmt::format("give UTF-8 without control characters, at most {} bytes", maxExportName)};
    case NetworkProtocol::Rbd: break;
    }
    return {isRbdName, "name it pool/image, both of letters, digits, '.', '_' and '-'"};
}

void requireName(const NetworkVolume& volume)
{
    if (const auto rule = nameRule(volume.protocol); !rule.fits(volume.name))
        refuse(volume, "/name", fmt::format("is named {}; {}", quoted(volume.name), rule.right));
}

void requireAuth(const NetworkVolume& volume)
{
    if (!volume.auth)
        return;
    if (volume.protocol == NetworkProtocol::Nbd)
        refuse(volume, "/auth", "comes with auth, which nbd does not have; leave it out");
    const auto& user = volume.auth->username;
    if (!consistsOf(user, volume.protocol == NetworkProtocol::Rbd ? "._-" : "._-:@") || user.size() > maxUserName)
        refuse(volume, "/auth/username", fmt::format("comes with the user name {}; give 1 to {} letters, digits, '.', "
            "'_' and '-'{}", quoted(user), maxUserName, volume.protocol == NetworkProtocol::Rbd ? "" : ", or an iqn"));
}

} // namespace

HostSource inspectVolume(const NetworkVolume& volume, DiskFormat declared)
{
    if (declared != DiskFormat::Raw)
        throw Refusal(Reason::NotSupported,
            fmt::format("the {} volume is declared {}; network volumes are supported as raw only, for nobody could "
                "look at the files that another format names", name(volume.protocol), name(declared))).at("/format");
    requireHosts(volume);
    requireName(volume);
    requireAuth(volume);
    HostSource source;
    source.kind = SourceKind::Network;
    source.path = reference(volume);
    source.network = volume;
    source.names = namesOfVolume(source.path);
    return source;
}

std::vector<std::string> namesOfVolume(const std::string& reference)
{
    const auto canonical = canonicalReference(reference);
    return canonical == reference ? std::vector{reference} : std::vector{reference, canonical};
}

} // namespace hotplug
