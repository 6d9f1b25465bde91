#pragma once

#include "base/thread_pool.h"
#include "server/endpoint.h"
#include "wire/jsonrpc/dispatcher.h"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace hotplug::wire {

/// How much is worked on at once.
struct EndpointLimits {
    std::size_t quickThreads = 4;       ///< For parsing, and for methods that wait for nobody.
    std::size_t maxQueued = 256;        ///< Requests waiting for them; one more is answered with 503.
    std::size_t maxReading = 256;       ///< Requests that read from libvirt; one more is answered with TOO_BUSY.
    std::size_t maxPatient = 512;       ///< Requests that may block; one more is answered with TOO_BUSY.
};

/// JSON-RPC over HTTP: `POST /rpc` with any content type (curl's default is a form's, and no browser reaches a unix
/// socket). The reply is 200 with a JSON-RPC reply, 204 when there is nothing to answer, 503 when nobody is free to
/// read the request.
class RpcEndpoint : public server::Endpoint {
public:
    RpcEndpoint(std::vector<Method> methods, Dispatcher::Translate translate, const EndpointLimits& limits);
    /// Answers what was taken, then joins; whatever methods wait for must have been woken.
    ~RpcEndpoint() override;

    void handle(server::Request request, std::function<void(server::Reply)> respond) override;

    /// Takes no more, for good (what still comes is answered as overload), and answers what was taken. False: something
    /// is still running when patience ends, and the destructor would wait for it without limit.
    [[nodiscard]] bool drain(milliseconds patience);

private:
    struct Call;
    void read(std::shared_ptr<Call> call);
    void execute(Call& call, const Json::Value& parsed, Dispatcher::Slow slow);

    Dispatcher dispatcher_;
    PatientThreads patient_, reading_;
    ThreadPool quick_;                  // behind the others: its tasks start theirs, so it is joined first
};

} // namespace hotplug::wire
