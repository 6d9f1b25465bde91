#include "server/unix_listener.h"

#include "base/scope_guard.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <grp.h>
#include <optional>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace hotplug::server {

namespace {

[[noreturn]] void fail(const std::string& path, const std::string& why, const std::string& whatToDo)
{
    throw ListenError(fmt::format("cannot listen on {} · {} · {}", path, why, whatToDo));
}

[[noreturn]] void failBy(int error, const std::string& path, const std::string& step)
{
    fail(path, fmt::format("{}: {}", step, std::generic_category().message(error)),
         "check the path and the permissions of its folder");
}

sockaddr_un addressOf(const std::string& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        fail(path, fmt::format("the path has more than {} bytes", sizeof address.sun_path - 1), "choose a shorter one");
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return address;
}

const sockaddr* generic(const sockaddr_un& address)
{
    return reinterpret_cast<const sockaddr*>(&address);
}

int streamSocket(const std::string& path)
{
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        failBy(errno, path, "no socket could be made");
    return fd;
}

/// What is at the path itself, symbolic links not followed.
std::optional<struct stat> fileAt(const std::string& path)
{
    struct stat file {};
    if (lstat(path.c_str(), &file) == 0)
        return file;
    if (errno != ENOENT)
        failBy(errno, path, "the path cannot be looked at");
    return std::nullopt;
}

/// Only the kernel knows whether somebody listens: ask it. A full backlog (EAGAIN) is a listener too.
int connectResult(const std::string& path)
{
    const auto address = addressOf(path);
    const int fd = streamSocket(path);
    const ScopeGuard closing([fd] { ::close(fd); });
    return connect(fd, generic(address), sizeof address) == 0 ? 0 : errno;
}

void removeStale(const std::string& path)
{
    const auto file = fileAt(path);
    if (!file)
        return;
    if (!S_ISSOCK(file->st_mode))
        fail(path, "something that is no socket is there", "remove it or choose another path");
    const int result = connectResult(path);
    if (result == 0 || result == EAGAIN || result == EPROTOTYPE)
        fail(path, "another process listens there", "stop it or choose another path");
    if (result != ECONNREFUSED && result != ENOENT)
        failBy(result, path, "the socket that is there cannot be tried");
    if (unlink(path.c_str()) != 0 && errno != ENOENT)
        failBy(errno, path, "the old socket cannot be removed");
}

gid_t groupId(const std::string& path, const std::string& name)
{
    std::array<char, 16384> strings{};
    group entry{};
    group* found = nullptr;
    const int error = getgrnam_r(name.c_str(), &entry, strings.data(), strings.size(), &found);
    if (error != 0)
        failBy(error, path, fmt::format("the group '{}' cannot be looked up", name));
    if (!found)
        fail(path, fmt::format("the group '{}' does not exist", name), "create it or name another");
    return entry.gr_gid;
}

/// The group goes first: the mode must never speak of the wrong one.
void grant(const UnixSocket& where)
{
    constexpr auto sameOwner = static_cast<uid_t>(-1);
    if (!where.group.empty() && lchown(where.path.c_str(), sameOwner, groupId(where.path, where.group)) != 0)
        failBy(errno, where.path, fmt::format("the socket cannot be given to group '{}'", where.group));
    if (fchmodat(AT_FDCWD, where.path.c_str(), where.mode, AT_SYMLINK_NOFOLLOW) != 0)
        failBy(errno, where.path, "the mode of the socket cannot be set");
}

template<typename Value> bool option(int fd, int name, Value& value)
{
    socklen_t size = sizeof value;
    return getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0;
}

bool isListeningUnixStream(int fd)
{
    int domain = 0, type = 0, listening = 0;
    return option(fd, SO_DOMAIN, domain) && domain == AF_UNIX && option(fd, SO_TYPE, type) && type == SOCK_STREAM
        && option(fd, SO_ACCEPTCONN, listening) && listening != 0;
}

} // namespace

UnixListener UnixListener::create(const UnixSocket& where)
{
    UnixSocket absolute = where;        // the working folder may change before the file is removed
    absolute.path = std::filesystem::absolute(where.path).lexically_normal();
    const auto folder = std::filesystem::path(absolute.path).parent_path();
    if (!fileAt(folder))
        fail(absolute.path, fmt::format("the folder {} does not exist", folder.string()),
             "create it, or have systemd do so with RuntimeDirectory=");
    removeStale(absolute.path);
    UnixListener made(streamSocket(absolute.path));
    made.bindTo(absolute);
    return made;
}

/// Connecting is refused until listen(), and by then the permissions are right. On Linux the file gets the
/// descriptor's mode at bind(), so that not even an `ls` shows a wide-open socket; the process-wide umask stays.
void UnixListener::bindTo(const UnixSocket& where)
{
    const auto address = addressOf(where.path);
    if (fchmod(fd_, S_IRUSR | S_IWUSR) != 0 || bind(fd_, generic(address), sizeof address) != 0)
        failBy(errno, where.path, "the socket cannot be made");
    made_ = fileAt(where.path).value();
    path_ = where.path;
    grant(where);
    if (::listen(fd_, SOMAXCONN) != 0)
        failBy(errno, where.path, "the socket cannot be listened on");
}

UnixListener UnixListener::adopt(int fd)
{
    UnixListener adopted(fd);
    if (!isListeningUnixStream(fd))
        throw ListenError(fmt::format("cannot use descriptor {} · it is no listening unix stream socket · "
                                      "check ListenStream= in hotplugd.socket", fd));
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
        throw ListenError(fmt::format("cannot use descriptor {} · {} · restart hotplugd.socket", fd,
                                      std::generic_category().message(errno)));
    return adopted;
}

UnixListener::UnixListener(UnixListener&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::exchange(other.path_, {})), made_(other.made_)
{
}

UnixListener::~UnixListener()
{
    removeFile();
    if (fd_ >= 0)
        ::close(fd_);
}

int UnixListener::releaseFd()
{
    return std::exchange(fd_, -1);
}

void UnixListener::removeFile()
{
    struct stat now {};
    const bool there = !path_.empty() && lstat(path_.c_str(), &now) == 0;
    if (there && now.st_dev == made_.st_dev && now.st_ino == made_.st_ino)
        unlink(path_.c_str());
    path_.clear();
}

} // namespace hotplug::server
