#pragma once

#include "wire/jsonrpc/error.h"
#include "wire/jsonrpc/method.h"

#include <functional>
#include <json/value.h>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace hotplug::wire {

/// libjson-rpc-cpp's protocol handler, one call at a time. It is given the envelope without its params and asks back
/// for the result: so the params are parsed once, by our shield, though the library only takes text.
/// Not thread-safe; ProtocolSessions lends one to each call.
class ProtocolSession {
public:
    using Invoke = std::function<Json::Value(const Method&)>;

    /// `methods` must outlive the session.
    explicit ProtocolSession(const std::vector<Method>& methods);
    ~ProtocolSession();

    /// One request in, one reply out, as text. `invoke` may throw RpcError and nothing else; the reply then has it.
    std::string handle(const std::string& method, const Json::Value& id, const Invoke& invoke);

private:
    class Handler;
    std::unique_ptr<Handler> handler_;
};

} // namespace hotplug::wire
