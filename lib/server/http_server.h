#pragma once

#include "base/clock.h"
#include "server/endpoint.h"
#include "server/limits.h"
#include "server/unix_listener.h"

#include <memory>

namespace hotplug::server {

/// Serves HTTP/1.1 and 1.0 on unix sockets with one io thread, and has the endpoint answer each request.
///
/// Requests that are malformed or beyond the limits are answered here (400, 413, 431, 501) and never reach the
/// endpoint; neither do those of too many connections (503). A request is handed over once it is whole. What the
/// endpoint throws, and a `respond` that goes uncalled, becomes a 500 and an INTERNAL log line.
///
/// `respond` may be called from any thread and at any time, even after the server has gone; calls after the first
/// are ignored. A client that hangs up cancels nothing, the reply is dropped.
class HttpServer {
public:
    /// The endpoint must outlive the server.
    explicit HttpServer(Endpoint& endpoint, const Limits& limits = {});
    /// Stops without draining.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Before start(), any number of times.
    void listen(UnixListener listener);

    /// Starts the io thread and returns; clients that connected before are served now. Once.
    /// Throws std::system_error when there can be no thread.
    void start();

    /// Whether the io thread takes up new work within `patience`; for a watchdog. Not from the io thread.
    bool responsive(milliseconds patience);

    /// Accepts no more, closes every connection whose request the endpoint does not have, and lets the rest be
    /// answered until the deadline. Returns when the io thread has ended: the endpoint is not called any more.
    /// Not from the io thread. Doing it again does nothing.
    void stop(Clock::time_point deadline);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace hotplug::server
