#pragma once

#include "support/wait.h"

#include <filesystem>

namespace hotplug::test {

/// A small file system in memory, mounted over a folder until the end.
class SmallFileSystem {
public:
    SmallFileSystem(const std::filesystem::path& folder, unsigned kib);
    ~SmallFileSystem();
    SmallFileSystem(const SmallFileSystem&) = delete;
    SmallFileSystem& operator=(const SmallFileSystem&) = delete;

    void fillUp();                                  ///< Until not a byte fits any more.
    void makeRoom();

private:
    std::filesystem::path folder_;
};

/// Storage that hangs, mounted over a folder: whoever looks at anything in it gets no answer until the end.
class HungFileSystem {
public:
    explicit HungFileSystem(const std::filesystem::path& folder);
    ~HungFileSystem();
    HungFileSystem(const HungFileSystem&) = delete;
    HungFileSystem& operator=(const HungFileSystem&) = delete;

private:
    std::filesystem::path folder_;
    Fd server_;                                     ///< FUSE's side of the kernel, on which nobody ever reads.
};

} // namespace hotplug::test
