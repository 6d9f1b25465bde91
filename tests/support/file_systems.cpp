#include "support/file_systems.h"

#include <fcntl.h>
#include <fmt/format.h>
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
