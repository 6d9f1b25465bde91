#pragma once

#include "support/temp_dir.h"
#include "support/wait.h"

#include <filesystem>
#include <string>
#include <vector>

namespace hotplug::test {

/// A block device, /dev/loopN, with the content of a file. The kernel frees it as soon as nobody has it open, so also
/// when we are killed.
class LoopDevice {
public:
    explicit LoopDevice(const std::filesystem::path& file);
    ~LoopDevice();
    LoopDevice(const LoopDevice&) = delete;
    LoopDevice& operator=(const LoopDevice&) = delete;

    const std::string& path() const { return path_; }

    /// A further name of the device, as udev would make it: /dev/mapper/NAME, /dev/disk/by-uuid/UUID. It goes with the
    /// device, and its folders with it when they were made for it. Returns it.
    std::string link(const std::filesystem::path& name);

private:
    void makeFolder(const std::filesystem::path& folder);
    void note(const std::filesystem::path& path);

    const TempDir notes_;                           ///< For whoever cleans up after a killed test.
    Fd device_;
    std::string path_;
    std::vector<std::filesystem::path> made_;       ///< Links and folders, in the order of their making.
};

/// A new file system on a block device, mounted until the end.
class Mount {
public:
    explicit Mount(const std::string& device);
    ~Mount();
    Mount(const Mount&) = delete;
    Mount& operator=(const Mount&) = delete;

private:
    const TempDir folder_;
};

} // namespace hotplug::test
