#include "storage/block_devices.h"

#include "storage/image_name.h"

#include <algorithm>
#include <fmt/format.h>
#include <fnmatch.h>
#include <fstream>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace hotplug {

namespace {

/// What device-mapper calls a device; empty: it is none of its own, or has a name that is no file name.
std::string mapperName(const std::string& sysfs, dev_t device)
{
    std::ifstream file(fmt::format("{}/{}:{}/dm/name", sysfs, major(device), minor(device)));
    std::string name;
    std::getline(file, name);
    return isFileName(name) ? name : std::string();
}

bool leadsSurelyTo(const std::string& name, dev_t device)
{
    const auto trail = follow(name);
    struct stat status{};
    return trail.error == 0 && trail.ownedByRoot && ::lstat(trail.resolved.c_str(), &status) == 0
        && S_ISBLK(status.st_mode) && status.st_rdev == device;
}

} // namespace

bool isInDev(const std::string& path)
{
    return isBelow(path, "/dev");
}

BlockDevices::BlockDevices(std::vector<std::string> patterns, std::string sysfs)
    : patterns_(std::move(patterns)), sysfs_(std::move(sysfs)) {}

bool BlockDevices::allow(const std::string& name) const
{
    return isInDev(name) && isPrintable(name) && std::ranges::any_of(patterns_, [&](const std::string& pattern) {
        return ::fnmatch(pattern.c_str(), name.c_str(), FNM_PATHNAME) == 0;
    });
}

std::vector<std::string> BlockDevices::namesOf(const Trail& trail, dev_t device) const
{
    auto names = trail.names;
    std::erase(names, trail.resolved);
    if (const auto mapped = mapperName(sysfs_, device); !mapped.empty())
        names.push_back("/dev/mapper/" + mapped);
    names.push_back(trail.resolved);
    return names;
}

std::string BlockDevices::allowedAmong(const std::vector<std::string>& names, dev_t device) const
{
    const auto found = std::ranges::find_if(names,
        [&](const std::string& name) { return allow(name) && leadsSurelyTo(name, device); });
    return found == names.end() ? std::string() : *found;
}

} // namespace hotplug
