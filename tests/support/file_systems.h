#pragma once

#include "support/loop_device.h"
#include "support/wait.h"

#include <filesystem>
#include <memory>

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
    void makeReadOnly();                            ///< Nobody may be writing there.
    void makeWritable();

private:
    void remount(unsigned long how);

    std::filesystem::path folder_;
};

/// A file system on a disk that breaks, mounted over a folder until the end.
class BreakingFileSystem {
public:
    /// The disk is a file to be made.
    BreakingFileSystem(const std::filesystem::path& folder, const std::filesystem::path& disk);
    ~BreakingFileSystem();
    BreakingFileSystem(const BreakingFileSystem&) = delete;
    BreakingFileSystem& operator=(const BreakingFileSystem&) = delete;

    void breakNow();                                ///< The kernel allows no more writing, also by open files.
    /// Another disk with what had been written before. Nobody may have a file open; mount namespaces of QEMUs still hold
    /// the old one.
    void mend();

private:
    void mount();

    std::filesystem::path folder_, disk_;
    std::unique_ptr<LoopDevice> device_;
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
