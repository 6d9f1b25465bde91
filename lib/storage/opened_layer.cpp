#include "storage/opened_layer.h"

#include "base/clock.h"
#include "base/reason.h"
#include "storage/image_name.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <fcntl.h>
#include <fmt/format.h>
#include <system_error>
#include <thread>

namespace hotplug {

namespace {

/// How often a device is tried that seems to be held. Others who look, as we do, hold it for a moment only, and the
/// kernel tells nobody when a claim ends. Only the look's own thread pauses, within the policy's patience.
constexpr int holdTries = 6;
constexpr std::chrono::milliseconds holdPause(10);

constexpr int reading = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;

/// Tells by the path as asked only: of what lies outside nothing may show, not even whether it exists.
[[noreturn]] void refuseOutside(const std::string& subject, const std::string& asked)
{
    if (isInDev(asked))
        throw Refusal(Reason::SourceNotAllowed,
            subject + " is no block device that may be plugged; have the administrator allow it with --block-device");
    throw Refusal(Reason::SourceNotAllowed, subject + " leads neither to a file inside the image roots nor to an "
        "allowed block device; move it there, or have the administrator allow it with --image-root or --block-device");
}

[[noreturn]] void refuseMoved(const std::string& subject)
{
    throw Refusal(Reason::SourceNotAllowed, subject + " was moved while it was looked at; try again");
}

[[noreturn]] void refuseUnreadable(const std::string& subject, int error)
{
    if (error == ENOENT || error == ENOTDIR)
        throw Refusal(Reason::SourceNotFound, subject + " does not exist on this host");
    if (error == ENXIO || error == ENODEV || error == ENOMEDIUM)
        throw Refusal(Reason::SourceNotFound, subject + " has no device behind it; connect its storage");
    if (error == EACCES || error == EPERM)
        throw Refusal(Reason::SourceNotAllowed, subject + " may not be read by hotplugd; give its user permission");
    throw Refusal(Reason::SourceNotResponding,
        fmt::format("{} cannot be read: {}; check its storage", subject, std::generic_category().message(error)));
}

/// Whether a path that cannot be followed to its end would be allowed as far as it goes.
bool endsInside(const Fence& fence, const Trail& trail)
{
    if (trail.error == ELOOP || trail.error == ENAMETOOLONG)
        return false;                           // where it leads remains unknown
    if (isInDev(trail.resolved)
        && std::ranges::any_of(trail.names, [&](const std::string& name) { return fence.devices.allow(name); }))
        return true;
    return fence.roots.hold(trail.resolved) || fence.roots.needs(trail.resolved);
}

/// Leaves what may be looked at for what it is: all inside the roots, and all in /dev, which has no secrets.
void requireInside(const Fence& fence, const Trail& trail, const std::string& subject, const std::string& asked)
{
    const bool known = trail.error != 0 && endsInside(fence, trail);
    if (known && trail.error == EAGAIN)
        refuseMoved(subject);
    if (known)
        refuseUnreadable(subject, trail.error);
    if (trail.error != 0 || (!isInDev(trail.resolved) && !fence.roots.hold(trail.resolved)))
        refuseOutside(subject, asked);
    if (!isPrintable(trail.resolved))
        throw Refusal(Reason::SourceNotAllowed, subject + " leads to a file whose name cannot be written in XML");
}

FileDescriptor openNode(const std::string& resolved, const std::string& subject)
{
    // O_PATH names the file without opening it: a FIFO would block, a tape rewind, a watchdog start.
    FileDescriptor node(::open(resolved.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!node)
        refuseUnreadable(subject, errno);
    std::array<char, PATH_MAX> name{};
    const auto size = ::readlink(node.link().c_str(), name.data(), name.size());
    if (size < 0 || std::string_view(name.data(), static_cast<std::size_t>(size)) != resolved)
        refuseMoved(subject);
    return node;
}

FileDescriptor openForReading(const FileDescriptor& node, const std::string& subject)
{
    FileDescriptor opened(::open(node.link().c_str(), reading));
    if (!opened)
        refuseUnreadable(subject, errno);
    return opened;
}

/// The kernel grants O_EXCL when nothing holds the device, its whole disk or a partition of it: no mount, no swap, no
/// device-mapper, no RAID. QEMU does not ask for it.
void requireUnheld(const FileDescriptor& node, const std::string& subject)
{
    for (int tries = 1; !FileDescriptor(::open(node.link().c_str(), reading | O_EXCL)); ++tries) {
        if (errno != EBUSY)
            refuseUnreadable(subject, errno);
        if (tries == holdTries)
            throw Refusal(Reason::SourceInUse, subject
                + " is mounted or held by another device on this host; unmount or release it, or name another");
        std::this_thread::sleep_until(Clock::now() + holdPause);
    }
}

} // namespace

OpenedLayer::OpenedLayer(const Fence& fence, const std::string& path, const std::string& subject)
    : subject_(subject), asked_(path), trail_(follow(path))
{
    requireInside(fence, trail_, subject, path);
    const auto node = openNode(trail_.resolved, subject);
    if (::fstat(node.get(), &status_) != 0)
        refuseUnreadable(subject, errno);
    if (isDevice())
        judgeDevice(fence, node);
    else
        judgeFile(fence);
    bytes_ = openForReading(node, subject);
    // Another host may have written to a device: what this one remembers is not what QEMU will read.
    if (isDevice())
        ::posix_fadvise(bytes_.get(), 0, 0, POSIX_FADV_DONTNEED);
}

void OpenedLayer::judgeFile(const Fence& fence)
{
    if (!fence.roots.hold(trail_.resolved))
        refuseOutside(subject_, asked_);
    if (!S_ISREG(status_.st_mode))
        throw Refusal(Reason::SourceNotAllowed,
            subject_ + " is neither a regular file nor a block device; name one that is");
    path_ = trail_.resolved;
    names_ = trail_.names;
}

void OpenedLayer::judgeDevice(const Fence& fence, const FileDescriptor& node)
{
    if (!isInDev(trail_.resolved))
        throw Refusal(Reason::SourceNotAllowed, subject_ + " is a device node outside /dev; name the device by a name "
            "in /dev that the administrator allows with --block-device");
    names_ = fence.devices.namesOf(trail_, status_.st_rdev);
    path_ = fence.devices.allowedAmong(names_, status_.st_rdev);
    if (path_.empty())
        refuseOutside(subject_, asked_);
    requireUnheld(node, subject_);
}

std::vector<std::uint8_t> OpenedLayer::start(std::size_t size) const
{
    std::vector<std::uint8_t> bytes(size);
    std::size_t filled = 0;
    while (filled < size) {
        const auto got = ::pread(bytes_.get(), bytes.data() + filled, size - filled, static_cast<off_t>(filled));
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

bool OpenedLayer::isSameAs(const OpenedLayer& other) const
{
    if (isDevice() != other.isDevice())
        return false;
    return isDevice() ? status_.st_rdev == other.status_.st_rdev
                      : status_.st_dev == other.status_.st_dev && status_.st_ino == other.status_.st_ino;
}

} // namespace hotplug
