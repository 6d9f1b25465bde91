#include "support/loop_device.h"

#include "support/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

namespace hotplug::test {

namespace {

namespace fs = std::filesystem;

Fd opened(const std::string& path, int flags = O_RDWR)
{
    Fd file(::open(path.c_str(), flags | O_CLOEXEC));
    if (!file)
        failErrno("open " + path);
    return file;
}

bool configure(const Fd& device, const Fd& file)
{
    loop_config config{};
    config.fd = static_cast<std::uint32_t>(file.get());
    config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
    return ::ioctl(device.get(), LOOP_CONFIGURE, &config) == 0;
}

} // namespace

LoopDevice::LoopDevice(const fs::path& file)
{
    const Fd control = opened("/dev/loop-control"), content = opened(file);
    for (int attempt = 0; attempt < 20; ++attempt) {        // another process may take the same one
        const int number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
        if (number < 0)
            failErrno("a free loop device");
        path_ = fmt::format("/dev/loop{}", number);
        device_ = opened(path_);
        if (configure(device_, content))
            return;
    }
    failErrno("make " + path_ + " of " + file.string());
}

LoopDevice::~LoopDevice()
{
    std::error_code ignored;                        // a folder that is not empty serves others by now
    for (auto path = made_.rbegin(); path != made_.rend(); ++path)
        fs::remove(*path, ignored);
}

std::string LoopDevice::link(const fs::path& name)
{
    makeFolder(name.parent_path());
    note(name);
    fs::create_symlink(fs::path(path_).lexically_relative(name.parent_path()), name);
    return name;
}

void LoopDevice::makeFolder(const fs::path& folder)
{
    if (fs::exists(folder))
        return;
    makeFolder(folder.parent_path());
    note(folder);
    fs::create_directory(folder);
}

void LoopDevice::note(const fs::path& path)
{
    std::ofstream(notes_.path() / "made", std::ios::app) << path.string() << "\n";
    made_.push_back(path);
}

Mount::Mount(const std::string& device)
{
    const auto made = runProgram({"mkfs.ext4", "-q", "-F", device});
    if (made.code != 0)
        throw std::runtime_error("mkfs.ext4: " + made.err);
    if (::mount(device.c_str(), folder_.path().c_str(), "ext4", 0, nullptr) != 0)
        failErrno("mount " + device);
}

Mount::~Mount()
{
    ::umount2(folder_.path().c_str(), 0);           // where it fails, the leak check finds it
}

} // namespace hotplug::test
