#pragma once

#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <sys/types.h>

namespace hotplug::server {

/// Why there is no listening socket; `what()` is for the operator: what happened · why · what to do.
class ListenError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Where to listen and who may connect.
struct UnixSocket {
    std::string path;
    mode_t mode = 0660;
    std::string group;          ///< Empty: the process's own.
};

/// A listening unix socket. Owns the descriptor, and the file if it made it: both end with it.
/// Not thread-safe; movable between threads.
class UnixListener {
public:
    /// Makes the socket file. One that nobody listens on any more is replaced; anything else at that path is left
    /// alone. Nobody can connect before owner, group and mode are right. Throws ListenError.
    static UnixListener create(const UnixSocket& where);

    /// Takes over a descriptor that systemd listens on (socket activation). Its file stays systemd's.
    /// Throws ListenError, closing it, if it is no listening unix stream socket.
    static UnixListener adopt(int fd);

    UnixListener(UnixListener&& other) noexcept;
    UnixListener& operator=(UnixListener&&) = delete;
    /// Closes the socket and removes its file, unless that has been replaced by another.
    ~UnixListener();

    int fd() const { return fd_; }
    /// Hands the descriptor over to the caller. The file stays here.
    int releaseFd();
    /// Removes the file now; the destructor's part, for those who stop earlier than they end.
    void removeFile();

private:
    explicit UnixListener(int fd) : fd_(fd) {}

    void bindTo(const UnixSocket& where);

    int fd_ = -1;
    std::string path_;          ///< Empty: not our file.
    struct stat made_ {};       ///< The file that we made.
};

} // namespace hotplug::server
