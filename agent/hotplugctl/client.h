#pragma once

#include "hotplugctl/daemon.h"
#include "hotplugctl/errors.h"
#include "hotplugctl/unix_http.h"

namespace hotplug::ctl {

/// hotplugd behind its unix socket: JSON-RPC over one HTTP connection, opened at the first call and kept for the
/// next ones. Thread-compatible: one thread at a time.
class Client final : public Daemon {
public:
    /// Does not connect yet.
    explicit Client(const std::string& socketPath) : http_(socketPath) {}

    Json::Value call(const std::string& verb, const Json::Value& params, milliseconds wait) override;

    /// The bytes as they are, to /rpc: whatever HTTP status and body come back. For tests and experiments.
    /// Throws NoDaemon, NoAnswer, or BadReply when it is not HTTP.
    HttpReply post(const std::string& body, milliseconds wait);

private:
    UnixHttp http_;
    int lastId_ = 0;
};

} // namespace hotplug::ctl
