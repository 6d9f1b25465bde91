#include "storage/image_roots.h"

#include "storage/image_name.h"
#include "storage/link_trail.h"

#include <algorithm>

namespace hotplug {

ImageRoots::ImageRoots(std::vector<std::string> roots) : roots_(std::move(roots))
{
    for (auto& root : roots_)
        while (root.size() > 1 && root.back() == '/')
            root.pop_back();
    std::erase_if(roots_, [](const std::string& root) { return !root.starts_with('/'); });
}

std::string ImageRoots::placeOf(const std::string& path) const
{
    const auto found = std::ranges::find_if(roots_, [&](const std::string& root) { return isBelow(path, root); });
    return found == roots_.end() ? std::string() : *found;
}

bool ImageRoots::needs(const std::string& place) const
{
    return std::ranges::any_of(roots_,
        [&place](const std::string& root) { return root == place || isBelow(root, place); });
}

bool ImageRoots::hold(const std::string& resolvedPath) const
{
    // A resolved path below a root as written proves that the root has no symlinks either.
    if (!placeOf(resolvedPath).empty())
        return true;
    return std::ranges::any_of(roots_, [&](const std::string& root) {
        const auto trail = follow(root);
        return trail.error == 0 && isBelow(resolvedPath, trail.resolved);
    });
}

} // namespace hotplug
