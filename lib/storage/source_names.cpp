#include "storage/source_names.h"

#include "model/source.h"
#include "storage/image_name.h"

#include <algorithm>
#include <sys/stat.h>

namespace hotplug {

std::vector<std::string> documentNames(const std::string& callers, const std::vector<std::string>& others)
{
    std::vector names{callers};
    for (const auto& name : others)
        if (isPrintable(name) && std::ranges::find(names, name) == names.end())
            names.push_back(name);
    return names;
}

bool leadsSomewhere(const std::string& path)
{
    return follow(path).error == 0;
}

std::vector<std::string> namesBehind(const BlockDevices& devices, const std::string& path)
{
    const auto trail = follow(path);
    struct stat status{};
    if (trail.error != 0 || ::lstat(trail.resolved.c_str(), &status) != 0)
        return {path};
    return documentNames(path, S_ISBLK(status.st_mode) ? devices.namesOf(trail, status.st_rdev) : trail.names);
}

std::string canonicalName(const std::string& name)
{
    if (!isInDev(name))
        return canonicalReference(name);
    const auto trail = follow(name, "/dev");
    return trail.error == 0 ? trail.resolved : name;
}

} // namespace hotplug
