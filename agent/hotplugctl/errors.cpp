#include "hotplugctl/errors.h"

#include "hotplugctl/format/json_text.h"
#include "model/outcome.h"

namespace hotplug::ctl {

namespace {

constexpr int internalError = -32603;

ExitCode withoutOutcome(int code)
{
    // JSON-RPC's own codes but "internal error" mean that the request was never carried out.
    return code < 0 && code != internalError ? ExitCode::Refused : ExitCode::Failed;
}

} // namespace

Json::Value RpcError::asJson() const
{
    Json::Value error;
    error["code"] = code_;
    error["message"] = what();
    if (!data_.isNull())
        error["data"] = data_;
    return error;
}

ExitCode exitCodeOf(const RpcError& error)
{
    const std::string outcome = textOf(error.data(), "outcome");
    if (outcome == name(Outcome::Done))
        return ExitCode::Done;
    if (outcome == name(Outcome::Refused))
        return ExitCode::Refused;
    if (outcome == name(Outcome::Pending) || outcome == name(Outcome::Running))
        return ExitCode::Pending;
    return outcome.empty() ? withoutOutcome(error.code()) : ExitCode::Failed;
}

} // namespace hotplug::ctl
