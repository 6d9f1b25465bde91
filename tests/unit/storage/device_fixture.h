#pragma once

#include "unit/storage/image_fixture.h"
#include "unit/storage/scratch_device.h"

#include <fmt/format.h>
#include <unistd.h>

namespace hotplug::test {

/// A block device, a directory in /dev for links to it, and images beside it. Check `usable()` first.
struct Devices {
    Images images;
    ScratchDevice device{images.directory / "disk"};
    std::optional<TempDirectory> links;

    Devices()
    {
        if (!device.attached() || ::access("/dev", W_OK) != 0) {
            WARN("no loop devices here: not tested");
            return;
        }
        links.emplace("/dev");
        std::filesystem::permissions(links->path(), std::filesystem::perms(0755));
    }

    bool usable() const { return links.has_value(); }
    std::string link(const std::string& name) const { return *links / name; }
    /// Links to the device, or elsewhere.
    std::string makeLink(const std::string& name, const std::string& target = {}) const
    {
        std::filesystem::create_symlink(target.empty() ? device.path() : target, link(name));
        return link(name);
    }
    /// A storage that allows the image root and what these patterns match.
    Storage allow(std::vector<std::string> patterns) const
    {
        return Storage(allowing({images.root}, std::move(patterns)));
    }
    /// Claims the device as a mount does.
    FileDescriptor hold() const { return FileDescriptor(::open(device.path().c_str(), O_RDONLY | O_EXCL | O_CLOEXEC)); }
};

} // namespace hotplug::test
