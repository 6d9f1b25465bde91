#pragma once

#include "hotplugctl/exit_code.h"

#include <json/value.h>
#include <stdexcept>
#include <string>

namespace hotplug::ctl {

/// Something for the user to read: what happened, why, what to do. Each may be empty but the first.
struct Sentence {
    std::string what, why, next;
};

/// No answer of the daemon can be shown. `what()` is the first part of the sentence.
class ClientError : public std::runtime_error {
public:
    explicit ClientError(Sentence sentence) : std::runtime_error(sentence.what), sentence_(std::move(sentence)) {}

    const Sentence& sentence() const { return sentence_; }

private:
    Sentence sentence_;
};

/// Nobody took the request, so nothing was done.
struct NoDaemon : ClientError {
    using ClientError::ClientError;
};

/// The request was handed over whole and no answer came: what became of it is unknown.
struct NoAnswer : ClientError {
    using ClientError::ClientError;
};

/// An answer that is not JSON-RPC.
struct BadReply : ClientError {
    using ClientError::ClientError;
};

/// The command line cannot be understood; the daemon is not asked.
struct UsageError : ClientError {
    explicit UsageError(std::string what, std::string why = {}) : ClientError({std::move(what), std::move(why), {}}) {}
};

/// The daemon answered with a JSON-RPC error object (SPEC R5–R7).
class RpcError : public std::runtime_error {
public:
    /// `data` is null when there is none.
    RpcError(int code, const std::string& message, Json::Value data)
        : std::runtime_error(message), code_(code), data_(std::move(data)) {}

    int code() const { return code_; }
    const Json::Value& data() const { return data_; }
    Json::Value asJson() const;             ///< The error object as it came: code, message, data if any.

private:
    int code_;
    Json::Value data_;
};

/// By `data.outcome`; without one, what the JSON-RPC code means.
ExitCode exitCodeOf(const RpcError& error);

} // namespace hotplug::ctl
