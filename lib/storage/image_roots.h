#pragma once

#include <string>
#include <vector>

namespace hotplug {

/// The directories that the administrator allows, symlinks in their own names resolved.
class ImageRoots {
public:
    explicit ImageRoots(std::vector<std::string> roots);

    /// Whether a path without symlinks lies below a root. Looks at the host only when no root says so as written.
    bool hold(const std::string& resolvedPath) const;
    /// Whether a root as written is this place or lies below it, so that the root fails with it.
    bool needs(const std::string& place) const;
    /// The root that holds the path as written; empty: none.
    std::string placeOf(const std::string& path) const;

private:
    std::vector<std::string> roots_;            ///< Without trailing slashes.
};

} // namespace hotplug
