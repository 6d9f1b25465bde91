#pragma once

#include <filesystem>
#include <string>

namespace hotplug::test {

/// A folder of its own below the system's temporary folder, removed with all its contents.
class TempDir {
public:
    TempDir();
    ~TempDir();
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// The folder of this run, in which every TempDir lies. A shell that outlives us kills what still runs from there and
/// removes it, together with our bridges, even when we are killed ourselves.
const std::filesystem::path& runDir();

/// What the names of this run's bridges begin with; 15 characters are all that a name may have.
std::string bridgePrefix();

} // namespace hotplug::test
