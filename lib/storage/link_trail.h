#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hotplug {

/// Where a path leads, link by link.
struct Trail {
    /// Every path on the way: as asked, after each link, `resolved` last; in normal form, without those that only `..`
    /// could write.
    std::vector<std::string> names;
    std::string resolved;                       ///< Without symlinks; after an error the part where it ended.
    int error = 0;                              ///< errno; 0: something is there. EAGAIN: it changed under our eyes.
    bool ownedByRoot = true;                    ///< Each directory and link on the way: nobody else can bend it.
};

/// Follows an absolute path as the kernel would; `..` behind a link is where the link's target lies. Looks at nothing
/// outside `within` and the way to it (EXDEV). Blocks as long as the file systems do.
Trail follow(const std::string& path, std::string_view within = "/");

} // namespace hotplug
