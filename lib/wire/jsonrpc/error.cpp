#include "wire/jsonrpc/error.h"

#include <json/writer.h>

namespace hotplug::wire {

namespace {

Json::Value problemData(const std::string& problem)
{
    Json::Value data;
    if (!problem.empty())
        data["problem"] = problem;
    return data;
}

} // namespace

std::string protocolMessage(int code)
{
    switch (code) {
    case parseErrorCode: return "Parse error";
    case invalidRequestCode: return "Invalid Request";
    case methodNotFoundCode: return "Method not found";
    case invalidParamsCode: return "Invalid params";
    case internalErrorCode: return "Internal error";
    default: return "Server error";
    }
}

RpcError::RpcError(ProtocolCode code, const std::string& problem)
    : RpcError(static_cast<int>(code), protocolMessage(code), problemData(problem))
{
}

Json::Value RpcError::toJson() const
{
    Json::Value error;
    error["code"] = code_;
    error["message"] = message_;
    if (!data_.isNull())
        error["data"] = data_;
    return error;
}

InvalidParams::InvalidParams(std::string at, std::string problem)
    : problems_{Problem{std::move(at), std::move(problem)}}
{
}

InvalidParams InvalidParams::under(const std::string& pointer) const
{
    auto moved = problems_;
    for (auto& problem : moved)
        problem.at.insert(0, pointer);
    return InvalidParams(std::move(moved));
}

RpcError InvalidParams::toError() const
{
    Json::Value data;
    data["errors"] = Json::arrayValue;
    for (const auto& problem : problems_) {
        Json::Value entry;
        entry["at"] = problem.at;
        entry["problem"] = problem.problem;
        data["errors"].append(std::move(entry));
    }
    return {invalidParamsCode, protocolMessage(invalidParamsCode), std::move(data)};
}

std::string errorReply(const RpcError& error)
{
    Json::Value reply;
    reply["jsonrpc"] = "2.0";
    reply["error"] = error.toJson();
    reply["id"] = Json::nullValue;
    return compact(reply);
}

std::string compact(const Json::Value& value)
{
    Json::StreamWriterBuilder builder;
    builder["indentation"] = "";
    return Json::writeString(builder, value);
}

} // namespace hotplug::wire
