#include "hotplugctl/client.h"

#include "hotplugctl/format/json_text.h"

#include <fmt/format.h>

namespace hotplug::ctl {

namespace {

constexpr unsigned httpOk = 200;
constexpr unsigned httpUnavailable = 503;
constexpr auto whatToCheck = "check that --socket names hotplugd's socket and that both have the same version";

[[noreturn]] void refuseReply(const std::string& why)
{
    throw BadReply({"hotplugd's answer cannot be understood", why, whatToCheck});
}

/// The server's own replies, before any verb is reached, are one plain sentence.
[[noreturn]] void refuseStatus(const HttpReply& reply)
{
    const Sentence sentence{fmt::format("hotplugd answered with HTTP status {}", reply.status), reply.body, {}};
    if (reply.status == httpUnavailable)
        throw NoDaemon({sentence.what, sentence.why, "try again in a moment"});
    throw BadReply(sentence);
}

Json::Value envelopeOf(const HttpReply& reply)
{
    std::string problem;
    auto envelope = parseJson(reply.body, problem);
    if (!envelope && reply.status != httpOk)
        refuseStatus(reply);
    if (!envelope)
        refuseReply("it is not JSON: " + problem);
    if (!envelope->isObject() || (*envelope)["jsonrpc"] != "2.0")
        refuseReply("it is not JSON-RPC 2.0");
    return *std::move(envelope);
}

[[noreturn]] void throwError(const Json::Value& error)
{
    if (!error.isObject() || !error["code"].isInt() || !error["message"].isString())
        refuseReply("its error object lacks code or message");
    throw RpcError(error["code"].asInt(), error["message"].asString(), error["data"]);
}

} // namespace

HttpReply Client::post(const std::string& body, milliseconds wait)
{
    return http_.post("/rpc", body, Clock::now() + wait);
}

Json::Value Client::call(const std::string& verb, const Json::Value& params, milliseconds wait)
{
    Json::Value request;
    request["jsonrpc"] = "2.0";
    request["id"] = ++lastId_;
    request["method"] = verb;
    request["params"] = params;
    const Json::Value envelope = envelopeOf(post(compactJson(request), wait));
    // A request that could not be read is answered with the id null.
    if (envelope.isMember("error"))
        throwError(envelope["error"]);
    if (envelope["id"] != request["id"] || !envelope.isMember("result"))
        refuseReply("it belongs to another request or has no result");
    return envelope["result"];
}

} // namespace hotplug::ctl
