#include "wire/jsonrpc/endpoint.h"

#include "base/log.h"
#include "wire/jsonrpc/shield.h"

#include <algorithm>
#include <memory>

namespace hotplug::wire {

using server::Reply;

namespace {

Reply json(unsigned status, std::string body)
{
    return {status, "application/json", std::move(body), {}};
}

Reply plain(unsigned status, std::string sentence, std::string allow = {})
{
    return {status, "text/plain; charset=utf-8", std::move(sentence) + "\n", std::move(allow)};
}

Reply overloaded()
{
    Json::Value data;
    data["reason"] = nameOf(Reason::TooBusy).data();
    data["outcome"] = "refused";
    return json(503, errorReply(RpcError(overloadedCode, "Too many requests are waiting; ask again later.", data)));
}

} // namespace

/// A request on its way to its reply. Answers with 500 when it is dropped unanswered: a reply is never lost.
struct RpcEndpoint::Call {
    Call(server::Request request_, std::function<void(Reply)> respond_)
        : request(std::move(request_)), respond(std::move(respond_)) {}
    ~Call()
    {
        if (respond)
            guarded("endpoint", [this] { answer(json(500, errorReply(RpcError(internalErrorCode)))); });
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    void answer(Reply reply)
    {
        const auto once = std::move(respond);
        respond = nullptr;
        once(std::move(reply));
    }

    server::Request request;
    std::function<void(Reply)> respond;
};

RpcEndpoint::RpcEndpoint(std::vector<Method> methods, Dispatcher::Translate translate, const EndpointLimits& limits)
    : dispatcher_(std::move(methods), std::move(translate)), patient_("patient", limits.maxPatient),
      reading_("reading", limits.maxReading), quick_("quick", limits.quickThreads, limits.maxQueued)
{
}

RpcEndpoint::~RpcEndpoint() = default;

void RpcEndpoint::handle(server::Request request, std::function<void(Reply)> respond)
{
    auto call = std::make_shared<Call>(std::move(request), std::move(respond));
    if (call->request.target != "/rpc")
        call->answer(plain(404, "There is nothing here; JSON-RPC 2.0 is spoken at /rpc."));
    else if (call->request.method != "POST")
        call->answer(plain(405, "JSON-RPC requests are posted.", "POST"));
    else if (!quick_.post([this, call] { read(call); }))
        call->answer(overloaded());
}

bool RpcEndpoint::drain(milliseconds patience)
{
    const auto until = Clock::now() + patience;
    const auto left = [until] {
        return std::max(std::chrono::duration_cast<milliseconds>(until - Clock::now()), milliseconds{0});
    };
    const bool quick = quick_.drain(patience);          // first: its tasks start the others
    const bool reading = reading_.drain(left());
    const bool patient = patient_.drain(left());
    return quick && reading && patient;
}

void RpcEndpoint::read(std::shared_ptr<Call> call)
{
    Json::Value parsed;
    try {
        parsed = parseShielded(call->request.body);
    } catch (const RpcError& error) {
        return call->answer(json(200, errorReply(error)));
    }
    call->request.body = {};
    const auto pace = dispatcher_.paceOf(parsed);
    if (pace == Dispatcher::Pace::Quick)
        return execute(*call, parsed, Dispatcher::Slow::Run);
    const auto shared = std::make_shared<Json::Value>(std::move(parsed));
    auto& threads = pace == Dispatcher::Pace::Reading ? reading_ : patient_;
    if (!threads.run([this, call, shared] { execute(*call, *shared, Dispatcher::Slow::Run); }))
        execute(*call, *shared, Dispatcher::Slow::TurnAway);
}

void RpcEndpoint::execute(Call& call, const Json::Value& parsed, Dispatcher::Slow slow)
{
    const CallInfo info{call.request.peer, call.request.arrival};
    auto body = dispatcher_.answer(parsed, info, slow);
    call.answer(body.empty() ? Reply{204, {}, {}, {}} : json(200, std::move(body)));
}

} // namespace hotplug::wire
