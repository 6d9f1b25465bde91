#pragma once

#include "base/clock.h"

#include <functional>
#include <string>
#include <sys/types.h>

namespace hotplug::server {

/// Who is at the other end of a connection, as the kernel says (SO_PEERCRED).
struct Peer {
    uid_t uid = static_cast<uid_t>(-1);
    gid_t gid = static_cast<gid_t>(-1);
    pid_t pid = 0;
};

/// One HTTP request, whole and within the limits.
struct Request {
    std::string method;                 ///< `POST`
    std::string target;                 ///< `/rpc`
    std::string contentType;            ///< As sent, may be empty.
    std::string body;
    Peer peer;
    Clock::time_point arrival{};        ///< When the last byte was in; deadlines count from here (SPEC R3).
};

struct Reply {
    unsigned status = 200;
    std::string contentType;            ///< Empty: no body (204).
    std::string body;
    std::string allow;                  ///< The Allow header of a 405, else empty.
};

/// What stands behind the server: turns a request into a reply. The server knows no JSON.
class Endpoint {
public:
    virtual ~Endpoint() = default;

    /// Called on the io thread: must not block. `respond` is called once, from any thread, also when the
    /// client has gone. Requests of one connection come one after another, each after the last reply.
    virtual void handle(Request request, std::function<void(Reply)> respond) = 0;
};

} // namespace hotplug::server
