#pragma once

#include <exception>
#include <json/value.h>
#include <string>
#include <vector>

namespace hotplug::wire {

/// The codes that JSON-RPC 2.0 itself defines, and one of its server range.
enum ProtocolCode : int {
    parseErrorCode = -32700,
    invalidRequestCode = -32600,
    methodNotFoundCode = -32601,
    invalidParamsCode = -32602,
    internalErrorCode = -32603,
    overloadedCode = -32000,            ///< The daemon is too busy to read the request.
};

/// The specification's message for one of its codes; "Server error" for the rest of its range.
std::string protocolMessage(int code);

/// A JSON-RPC error object. Thrown, or written into a reply.
class RpcError : public std::exception {
public:
    RpcError(int code, std::string message, Json::Value data = {})
        : code_(code), message_(std::move(message)), data_(std::move(data)) {}
    /// One of JSON-RPC's own errors; `problem`, if any, becomes data.problem.
    explicit RpcError(ProtocolCode code, const std::string& problem = {});

    int code() const { return code_; }
    const std::string& message() const { return message_; }
    const Json::Value& data() const { return data_; }          ///< null: none.
    const char* what() const noexcept override { return message_.c_str(); }

    Json::Value toJson() const;

private:
    int code_;
    std::string message_;
    Json::Value data_;
};

/// One thing that is wrong with params.
struct Problem {
    std::string at;                     ///< JSON Pointer; of a missing key: where it should be.
    std::string problem;                ///< `must be one of virtio, scsi`
    bool unknownKey = false;            ///< `at` is a key that the schema does not have.
};

/// Params that do not fit their schema or a type's parse: -32602 with data.errors (SPEC R7).
class InvalidParams : public std::exception {
public:
    explicit InvalidParams(std::vector<Problem> problems) : problems_(std::move(problems)) {}
    InvalidParams(std::string at, std::string problem);

    const std::vector<Problem>& problems() const { return problems_; }
    /// The same for params that stand deeper: puts a pointer in front of every one.
    InvalidParams under(const std::string& pointer) const;
    RpcError toError() const;
    const char* what() const noexcept override { return "invalid params"; }

private:
    std::vector<Problem> problems_;
};

/// A whole reply: `{"jsonrpc":"2.0","error":…,"id":null}`.
std::string errorReply(const RpcError& error);

/// JSON on one line.
std::string compact(const Json::Value& value);

} // namespace hotplug::wire
