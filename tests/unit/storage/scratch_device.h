#pragma once

#include "storage/file_descriptor.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <linux/loop.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/stat.h>

namespace hotplug::test {

/// A block device of 4 MiB over a file of its own, detached when the object goes or the process dies.
class ScratchDevice {
public:
    explicit ScratchDevice(const std::string& file)
    {
        std::ofstream(file).close();
        std::filesystem::resize_file(file, 4 << 20);
        const FileDescriptor content(::open(file.c_str(), O_RDWR | O_CLOEXEC));
        const FileDescriptor control(::open("/dev/loop-control", O_RDWR | O_CLOEXEC));
        // Other programs may be quicker to take the free one.
        for (int tries = 0; control && !device_ && tries < 20; ++tries)
            attach(::ioctl(control.get(), LOOP_CTL_GET_FREE), content);
    }

    bool attached() const { return static_cast<bool>(device_); }
    const std::string& path() const { return path_; }
    dev_t number() const
    {
        struct stat status{};
        return ::fstat(device_.get(), &status) == 0 ? status.st_rdev : 0;
    }
    void write(const std::string& bytes) const
    {
        std::ofstream(path_, std::ios::binary | std::ios::in | std::ios::out) << bytes;
    }

private:
    void attach(int number, const FileDescriptor& content)
    {
        path_ = "/dev/loop" + std::to_string(number);
        FileDescriptor device(::open(path_.c_str(), O_RDWR | O_CLOEXEC));
        loop_config config{};
        config.fd = static_cast<__u32>(content.get());
        config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
        if (device && ::ioctl(device.get(), LOOP_CONFIGURE, &config) == 0)
            device_ = std::move(device);
    }

    std::string path_;
    FileDescriptor device_;
};

} // namespace hotplug::test
