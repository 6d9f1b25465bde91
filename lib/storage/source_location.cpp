#include "storage/source_location.h"

#include "base/reason.h"
#include "storage/image_name.h"

#include <climits>
#include <fmt/format.h>

namespace hotplug {

namespace {

constexpr std::size_t maxMapperName = 127;      // device-mapper's own limit
constexpr std::size_t maxUuid = 64;

SourceLocation at(std::vector<std::string> paths)
{
    return {std::move(paths), false};
}

struct Locator {
    const std::string& dataCenterRoot;

    SourceLocation operator()(const ImagePath& image) const { return at({image.path}); }
    SourceLocation operator()(const MultipathGuid& device) const { return at({"/dev/mapper/" + device.guid}); }
    SourceLocation operator()(const FileSystemUuid& device) const
    {
        return at({"/dev/disk/by-uuid/" + device.uuid, "/dev/disk/by-partuuid/" + device.uuid});
    }
    SourceLocation operator()(const NetworkVolume& volume) const { return at({reference(volume)}); }
    SourceLocation operator()(const ImageQuartet& image) const
    {
        const auto root = dataCenterRoot.substr(0, dataCenterRoot.find_last_not_of('/') + 1);
        return {{fmt::format("{}/{}/{}/images/{}/{}", root, image.pool.str(), image.domain.str(), image.image.str(),
                    image.volume.str())}, true};
    }
};

std::string problemWith(const ImagePath& image)
{
    const auto& path = image.path;
    if (path.size() >= PATH_MAX)
        return fmt::format("path is longer than {} bytes", PATH_MAX - 1);
    if (hasOverlongPart(path))
        return fmt::format("path has a part of more than {} bytes", NAME_MAX);
    if (!isPrintable(path))
        return "path has control characters or is not UTF-8";
    if (!path.starts_with('/'))
        return "path is not absolute; begin it with a slash";
    if (hasInnerDotDot(path))
        return "path has .. inside; write it without";
    return {};
}

std::string problemWith(const MultipathGuid& device)
{
    if (!consistsOf(device.guid, "._-") || !isFileName(device.guid) || device.guid.size() > maxMapperName)
        return fmt::format("GUID is no name of a multipath device; give 1 to {} letters, digits, '.', '_' and '-', "
            "as in /dev/mapper", maxMapperName);
    return {};
}

std::string problemWith(const FileSystemUuid& device)
{
    if (!consistsOf(device.uuid, "-") || device.uuid.size() > maxUuid)
        return fmt::format("UUID is none of a file system or partition; give 1 to {} letters, digits and '-', "
            "as in /dev/disk/by-uuid", maxUuid);
    return {};
}

std::string problemWith(const ImageQuartet&) { return {}; }
std::string problemWith(const NetworkVolume&) { return {}; }

} // namespace

SourceLocation locate(const SourceRef& source, const std::string& dataCenterRoot)
{
    return std::visit(Locator{dataCenterRoot}, source);
}

void requireWellFormed(const SourceRef& source)
{
    const auto problem = std::visit([](const auto& one) { return problemWith(one); }, source);
    if (!problem.empty())
        throw Refusal(Reason::InvalidParameter, "the source's " + problem);
}

} // namespace hotplug
