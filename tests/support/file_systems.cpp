#include "support/file_systems.h"

#include "support/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <sys/mount.h>
#include <unistd.h>

namespace hotplug::test {

namespace {

void mountOver(const std::filesystem::path& folder, const char* type, const std::string& options)
{
    if (::mount("none", folder.c_str(), type, MS_NOSUID | MS_NODEV, options.c_str()) != 0)
        failErrno(fmt::format("mount {} over {}", type, folder.string()));
}

/// Where it fails, the leak check finds the folder.
void unmount(const std::filesystem::path& folder)
{
    ::umount2(folder.c_str(), MNT_DETACH);
}

void mustRun(const std::vector<std::string>& words)
{
    if (const auto ended = runProgram(words); ended.code != 0)
        throw std::runtime_error(words.front() + ": " + ended.err);
}

Fd openFuse()
{
    Fd server(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
    if (!server)
        failErrno("open /dev/fuse");
    return server;
}

} // namespace

SmallFileSystem::SmallFileSystem(const std::filesystem::path& folder, unsigned kib) : folder_(folder)
{
    mountOver(folder_, "tmpfs", fmt::format("size={}k", kib));
}

SmallFileSystem::~SmallFileSystem()
{
    unmount(folder_);
}

void SmallFileSystem::fillUp()
{
    const Fd filling(::open((folder_ / "filling").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    const std::string page(4096, 'x');
    while (::write(filling.get(), page.data(), page.size()) > 0) {
    }
}

void SmallFileSystem::makeRoom()
{
    std::filesystem::remove(folder_ / "filling");
}

void SmallFileSystem::remount(unsigned long how)
{
    if (::mount("none", folder_.c_str(), nullptr, MS_REMOUNT | MS_NOSUID | MS_NODEV | how, nullptr) != 0)
        failErrno("remount " + folder_.string());
}

void SmallFileSystem::makeReadOnly()
{
    remount(MS_RDONLY);
}

void SmallFileSystem::makeWritable()
{
    remount(0);
}

BreakingFileSystem::BreakingFileSystem(const std::filesystem::path& folder, const std::filesystem::path& disk)
    : folder_(folder), disk_(disk)
{
    std::ofstream(disk).close();
    std::filesystem::resize_file(disk, 8 << 20);
    device_ = std::make_unique<LoopDevice>(disk);
    mustRun({"mkfs.ext4", "-q", device_->path()});
    mount();
}

BreakingFileSystem::~BreakingFileSystem()
{
    unmount(folder_);
}

void BreakingFileSystem::mount()
{
    if (::mount(device_->path().c_str(), folder_.c_str(), "ext4", MS_NOSUID | MS_NODEV, "errors=remount-ro") != 0)
        failErrno("mount " + device_->path());
}

void BreakingFileSystem::breakNow()
{
    const Fd folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ::syncfs(folder.get());
    const auto name = std::filesystem::path(device_->path()).filename();
    std::ofstream("/sys/fs/ext4" / name / "trigger_fs_error") << "1" << std::flush;
}

void BreakingFileSystem::mend()
{
    if (::umount(folder_.c_str()) != 0)
        failErrno("unmount " + folder_.string());
    const auto copy = disk_.string() + ".mended";
    std::filesystem::copy_file(disk_, copy);
    device_ = std::make_unique<LoopDevice>(copy);
    constexpr int mended = 1;
    if (const auto checked = runProgram({"e2fsck", "-fy", device_->path()}); checked.code > mended)
        throw std::runtime_error("e2fsck: " + checked.out + checked.err);
    mount();
}

HungFileSystem::HungFileSystem(const std::filesystem::path& folder) : folder_(folder), server_(openFuse())
{
    mountOver(folder_, "fuse", fmt::format("fd={},rootmode=40000,user_id=0,group_id=0", server_.get()));
}

HungFileSystem::~HungFileSystem()
{
    server_.reset();                                // ends every wait
    unmount(folder_);
}

} // namespace hotplug::test
