#include "hotplugctl/commands/disk_options.h"

#include "hotplugctl/errors.h"
#include "hotplugctl/input_text.h"
#include "hotplugctl/split.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>

namespace hotplug::ctl {

namespace {

constexpr std::array protocols = {"iscsi", "nbd", "rbd"};

/// `host`, `host:port` or `[fd00::1]:port`.
Json::Value hostFrom(const std::string& text)
{
    const bool bracketed = text.starts_with('[') && text.find(']') != text.npos;
    const auto end = bracketed ? text.find(']') + 1 : text.find(':');
    const auto name = text.substr(0, end);
    Json::Value host;
    host["name"] = bracketed ? name.substr(1, name.size() - 2) : name;
    if (end < text.size())
        host["port"] = text.substr(end + 1);
    return host;
}

/// `iscsi://host:3260/iqn…/1`, the parts of the dictionary. Nothing is judged but the form.
void putUrl(Json::Value& drive, const std::string& url, std::size_t colon)
{
    const auto protocol = url.substr(0, colon);
    const auto start = colon + std::string_view("://").size();
    const auto slash = std::min(url.find('/', start), url.size());
    if (std::ranges::find(protocols, protocol) == protocols.end())
        throw UsageError("--source must be a path or a URL that begins with iscsi://, nbd:// or rbd://",
                         fmt::format("it is '{}'", url));
    drive["protocol"] = protocol;
    drive["hosts"] = Json::arrayValue;
    if (slash > start)
        for (const auto& host : split(url.substr(start, slash - start), ','))
            drive["hosts"].append(hostFrom(host));
    if (slash + 1 < url.size())
        drive["name"] = url.substr(slash + 1);
}

void putSource(Json::Value& drive, const std::string& source)
{
    const auto colon = source.find("://");
    if (colon == source.npos || source.starts_with('/'))
        drive["path"] = source;
    else
        putUrl(drive, source, colon);
}

void putImage(Json::Value& drive, const std::string& image)
{
    const auto ids = split(image, '/');
    constexpr std::array keys = {"poolID", "domainID", "imageID", "volumeID"};
    if (ids.size() != keys.size())
        throw UsageError("--image must be POOL/DOMAIN/IMAGE/VOLUME", fmt::format("it is '{}'", image));
    for (std::size_t i = 0; i < keys.size(); ++i)
        drive[keys[i]] = ids[i];
}

bool isOfDrive(const Option& option)
{
    const auto names = sourceNames();
    return option.to.starts_with("drive.") || std::ranges::find(names, option.name) != names.end();
}

Request fileRequest(const Command& command, const Arguments& arguments, std::istream& in)
{
    Request request{command.verbs.front(), command.fixed};
    request.params.removeMember("drive");
    for (const Option& option : command.options)
        if (isOfDrive(option) && arguments.has(option.name))
            throw UsageError(fmt::format("--file and {} do not go together", option.name),
                             "the file has all that a disk needs");
    putOptions(request.params, command.options, arguments);
    auto drives = jsonFrom(*arguments.get("--file"), in);
    request.params[drives.isArray() ? "device" : "drive"] = std::move(drives);
    return request;
}

} // namespace

std::vector<Option> sourceOptions()
{
    return {
        {.name = "--source", .valueName = "PATH|URL",
         .help = "Image or block device on this host, or iscsi://HOST[:PORT]/TARGET/LUN, nbd://HOST[:PORT]/EXPORT, "
                 "rbd://HOST[:PORT],…/POOL/IMAGE"},
        {.name = "--guid", .valueName = "GUID",
         .help = "A multipath device, by its name in /dev/mapper", .to = "drive.GUID"},
        {.name = "--uuid", .valueName = "UUID",
         .help = "A block device, by its file system's or partition's UUID", .to = "drive.UUID"},
        {.name = "--image", .valueName = "POOL/DOMAIN/IMAGE/VOLUME",
         .help = "An image of an oVirt storage domain, by its four UUIDs"},
    };
}

std::vector<std::string> sourceNames()
{
    std::vector<std::string> names;
    for (const Option& option : sourceOptions())
        names.push_back(option.name);
    return names;
}

Request diskRequest(const Command& command, const Arguments& arguments, std::istream& in)
{
    if (arguments.has("--file"))
        return fileRequest(command, arguments, in);
    auto request = plainRequest(command, arguments);
    if (const auto source = arguments.get("--source"))
        putSource(request.params["drive"], *source);
    if (const auto image = arguments.get("--image"))
        putImage(request.params["drive"], *image);
    return request;
}

} // namespace hotplug::ctl
