#pragma once

#include "base/clock.h"

#include <memory>
#include <string>

namespace hotplug::ctl {

struct HttpReply {
    unsigned status = 0;
    std::string body;
};

/// HTTP/1.1 over one unix socket connection, opened when needed and kept while the server keeps it.
/// Thread-compatible. A request is sent once: never repeated behind the caller's back.
class UnixHttp {
public:
    explicit UnixHttp(std::string socketPath);
    ~UnixHttp();
    UnixHttp(const UnixHttp&) = delete;
    UnixHttp& operator=(const UnixHttp&) = delete;

    /// Throws NoDaemon (not connected, or hung up before it had the request), NoAnswer (hung up or silent after
    /// that), BadReply (not HTTP, or a body of more than 64 MiB). After each of them the connection is gone; the
    /// next call opens another.
    HttpReply post(const std::string& target, const std::string& body, Clock::time_point deadline);

private:
    struct Connection;

    std::string path_;
    std::unique_ptr<Connection> connection_;
};

} // namespace hotplug::ctl
