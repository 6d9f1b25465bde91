#pragma once

#include "storage/link_trail.h"

#include <string>
#include <sys/types.h>
#include <vector>

namespace hotplug {

/// Whether a path as written lies in /dev.
bool isInDev(const std::string& path);

/// The block devices that the administrator allows, by fnmatch patterns of their names in /dev; `*` does not match a
/// slash.
class BlockDevices {
public:
    /// `sysfs` knows devices by their numbers; another only in tests.
    explicit BlockDevices(std::vector<std::string> patterns, std::string sysfs = "/sys/dev/block");

    /// Whether a pattern matches the name as written.
    bool allow(const std::string& name) const;
    /// Every name of the device at a trail's end, stable ones first: the trail's, device-mapper's, the node's.
    std::vector<std::string> namesOf(const Trail& trail, dev_t device) const;
    /// The first of these names that is allowed and can lead to this device only; empty: none. A link that others than
    /// root may bend does not count, such as one in /dev/shm: QEMU follows it after we looked.
    std::string allowedAmong(const std::vector<std::string>& names, dev_t device) const;

private:
    std::vector<std::string> patterns_;
    std::string sysfs_;
};

} // namespace hotplug
