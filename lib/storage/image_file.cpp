#include "storage/image_file.h"

#include "base/reason.h"
#include "base/scope_guard.h"
#include "storage/image_name.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace hotplug {

namespace {

bool isBelow(const std::string& path, const std::string& root)
{
    return !root.empty() && path.size() > root.size() && path.starts_with(root)
        && (root.back() == '/' || path[root.size()] == '/');
}

[[noreturn]] void refuseOutside(const std::string& subject, const std::string& path)
{
    if (path.starts_with("/dev/"))
        throw Refusal(Reason::SourceNotAllowed,
            subject + " is a device; block devices are not supported yet, use an image file inside an image root");
    throw Refusal(Reason::SourceNotAllowed, subject + " does not lead to a file inside the image roots; "
        "move it there, or have the administrator allow its directory");
}

[[noreturn]] void refuseUnreadable(const std::string& subject, int error)
{
    if (error == ENOENT)
        throw Refusal(Reason::SourceNotFound, subject + " does not exist on this host");
    if (error == EACCES || error == EPERM)
        throw Refusal(Reason::SourceNotAllowed, subject + " may not be read by hotplugd; give its user permission");
    throw Refusal(Reason::SourceNotResponding,
        fmt::format("{} cannot be read: {}; check its storage", subject, std::generic_category().message(error)));
}

/// Symlinks resolved and inside the roots. Of a path outside nothing may show, not even whether it exists, so that is
/// judged first.
std::string resolveInside(const ImageRoots& roots, const std::string& path, const std::string& subject)
{
    std::array<char, PATH_MAX> resolved{};
    const int error = ::realpath(path.c_str(), resolved.data()) ? 0 : errno;
    // When it fails with one of these, realpath() leaves the part where it failed (a GNU extension).
    const bool knowsWhere = error == 0 || error == ENOENT || error == EACCES;
    if (knowsWhere && !roots.hold(resolved.data()))
        refuseOutside(subject, path);
    if (error == ENOTDIR || error == ELOOP || error == ENAMETOOLONG)
        refuseOutside(subject, path);
    if (error != 0)
        refuseUnreadable(subject, error);
    if (!isPrintable(resolved.data()))
        throw Refusal(Reason::SourceNotAllowed, subject + " leads to a file whose name cannot be written in XML");
    return resolved.data();
}

std::string procPath(int fd)
{
    return fmt::format("/proc/self/fd/{}", fd);
}

std::string currentName(int fd)
{
    std::array<char, PATH_MAX> name{};
    const auto size = ::readlink(procPath(fd).c_str(), name.data(), name.size());
    return size < 0 ? std::string() : std::string(name.data(), static_cast<std::size_t>(size));
}

void requireRegular(const struct stat& status, const std::string& subject)
{
    if (S_ISREG(status.st_mode))
        return;
    if (S_ISBLK(status.st_mode))
        throw Refusal(Reason::SourceNotAllowed,
            subject + " is a block device; these are not supported yet, use an image file");
    throw Refusal(Reason::SourceNotAllowed, subject + " is not a regular file");
}

} // namespace

ImageRoots::ImageRoots(std::vector<std::string> roots) : roots_(std::move(roots))
{
    for (auto& root : roots_)
        while (root.size() > 1 && root.back() == '/')
            root.pop_back();
    std::erase_if(roots_, [](const std::string& root) { return !root.starts_with('/'); });
}

std::string ImageRoots::placeOf(const std::string& path) const
{
    const auto found = std::ranges::find_if(roots_, [&](const std::string& root) { return isBelow(path, root); });
    return found == roots_.end() ? std::string() : *found;
}

bool ImageRoots::hold(const std::string& resolvedPath) const
{
    // A resolved path below a root as written proves that the root has no symlinks either.
    if (!placeOf(resolvedPath).empty())
        return true;
    return std::ranges::any_of(roots_, [&](const std::string& root) {
        std::array<char, PATH_MAX> resolved{};
        return ::realpath(root.c_str(), resolved.data()) && isBelow(resolvedPath, resolved.data());
    });
}

ImageFile::ImageFile(const ImageRoots& roots, const std::string& path, const std::string& subject)
    : subject_(subject), path_(resolveInside(roots, path, subject))
{
    // O_PATH names the file without opening it: a FIFO would block, a tape rewind, a watchdog start.
    const int named = ::open(path_.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (named < 0)
        refuseUnreadable(subject, errno);
    const ScopeGuard close([named] { ::close(named); });
    struct stat status{};
    if (::fstat(named, &status) != 0)
        refuseUnreadable(subject, errno);
    requireRegular(status, subject);
    if (currentName(named) != path_)
        throw Refusal(Reason::SourceNotAllowed, subject + " was moved while it was looked at; try again");
    fd_ = ::open(procPath(named).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd_ < 0)
        refuseUnreadable(subject, errno);
    bytes_ = static_cast<std::uint64_t>(status.st_size);
    device_ = status.st_dev;
    inode_ = status.st_ino;
}

ImageFile::~ImageFile()
{
    if (fd_ >= 0)
        ::close(fd_);
}

std::vector<std::uint8_t> ImageFile::start(std::size_t size) const
{
    std::vector<std::uint8_t> bytes(size);
    std::size_t filled = 0;
    while (filled < size) {
        const auto got = ::pread(fd_, bytes.data() + filled, size - filled, static_cast<off_t>(filled));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            refuseUnreadable(subject_, errno);
        if (got == 0)
            break;
        filled += static_cast<std::size_t>(got);
    }
    bytes.resize(filled);
    return bytes;
}

} // namespace hotplug
