#include "wire/jsonrpc/dispatcher.h"

#include "base/log.h"
#include "wire/jsonrpc/protocol_session.h"

#include <algorithm>
#include <fmt/format.h>

namespace hotplug::wire {

namespace {

constexpr std::size_t maxIdleSessions = 16;

using Pace = Dispatcher::Pace;

Pace paceOf(const Method& method, bool awaited)
{
    if (method.changing || (method.waiting && awaited))
        return Pace::Patient;
    return method.reading ? Pace::Reading : Pace::Quick;
}

// What the specification asks of a Request object and the library does not look at as we need it.
bool isRequest(const Json::Value& request)
{
    if (!request.isObject() || !request["jsonrpc"].isString() || request["jsonrpc"].asString() != "2.0")
        return false;
    if (!request["method"].isString())
        return false;
    const auto& params = request["params"];
    if (request.isMember("params") && (params.isNull() || !(params.isObject() || params.isArray())))
        return false;
    const auto& id = request["id"];
    return id.isNull() || id.isString() || (id.isNumeric() && !id.isBool());
}

} // namespace

/// A session for the time of one call.
class Dispatcher::Loan {
public:
    explicit Loan(const Dispatcher& owner) : owner_(owner)
    {
        const std::lock_guard lock(owner_.mutex_);
        if (owner_.idle_.empty())
            return;
        session_ = std::move(owner_.idle_.back());
        owner_.idle_.pop_back();
    }
    ~Loan()
    {
        const std::lock_guard lock(owner_.mutex_);
        if (session_ && owner_.idle_.size() < maxIdleSessions)
            owner_.idle_.push_back(std::move(session_));
    }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;

    ProtocolSession& session()
    {
        if (!session_)
            session_ = std::make_unique<ProtocolSession>(owner_.methods_);
        return *session_;
    }

private:
    const Dispatcher& owner_;
    std::unique_ptr<ProtocolSession> session_;
};

Dispatcher::Dispatcher(std::vector<Method> methods, Translate translate)
    : methods_(std::move(methods)), translate_(std::move(translate))
{
    idle_.reserve(maxIdleSessions);
}

Dispatcher::~Dispatcher() = default;

/// Null when it is no request, or of a method that nobody knows.
const Method* Dispatcher::methodOf(const Json::Value& request) const
{
    if (!isRequest(request))
        return nullptr;
    const auto found = std::ranges::find(methods_, request["method"].asString(), &Method::name);
    return found == methods_.end() ? nullptr : &*found;
}

std::size_t Dispatcher::changesIn(const Json::Value& batch) const
{
    const auto changing = [this](const Json::Value& one) {
        const auto* method = methodOf(one);
        return method && method->changing;
    };
    return static_cast<std::size_t>(std::count_if(batch.begin(), batch.end(), changing));
}

Dispatcher::Pace Dispatcher::paceOfOne(const Json::Value& request, bool awaited) const
{
    const auto* method = methodOf(request);
    return method ? wire::paceOf(*method, awaited && request.isMember("id")) : Pace::Quick;
}

Dispatcher::Pace Dispatcher::paceOf(const Json::Value& request) const
{
    if (!request.isArray())
        return paceOfOne(request, true);
    auto slowest = Pace::Quick;
    if (request.size() > maxBatch)
        return slowest;                         // it is only refused
    for (const auto& one : request)
        slowest = std::max(slowest, paceOfOne(one, false));
    return slowest;
}

std::string Dispatcher::answer(const Json::Value& request, const CallInfo& info, Slow slow) const noexcept
{
    try {
        return request.isArray() ? answerAll(request, info, slow) : answerOne(request, info, slow);
    } catch (...) {
        logInternalError("dispatcher", currentExceptionText());
        return errorReply(RpcError(internalErrorCode));
    }
}

std::string Dispatcher::answerAll(const Json::Value& batch, const CallInfo& info, Slow slow) const
{
    if (batch.empty())
        return errorReply(RpcError(invalidRequestCode, "an empty batch"));
    if (batch.size() > maxBatch)
        return errorReply(RpcError(invalidRequestCode, fmt::format("a batch has at most {} requests", maxBatch)));
    if (changesIn(batch) > maxChangesInBatch)
        return errorReply(RpcError(invalidRequestCode,
            fmt::format("a batch has at most {} requests that change something", maxChangesInBatch)));

    auto within = info;
    within.awaited = false;
    std::string replies;
    for (const auto& request : batch) {
        const auto reply = answerOne(request, within, slow);
        if (!reply.empty())
            replies += (replies.empty() ? "[" : ",") + reply;
    }
    return replies.empty() ? replies : replies + "]";
}

std::string Dispatcher::answerOne(const Json::Value& request, const CallInfo& info, Slow slow) const
{
    if (!isRequest(request))
        return errorReply(RpcError(invalidRequestCode));
    // The library answers notifications of methods with an error: they get an id here and lose their reply.
    const bool notification = !request.isMember("id");
    auto mine = info;
    mine.awaited = info.awaited && !notification;
    const auto invoke = [&](const Method& method) { return run(method, request["params"], mine, slow); };
    const auto id = notification ? Json::Value(0) : request["id"];
    Loan loan(*this);
    auto reply = loan.session().handle(request["method"].asString(), id, invoke);
    return notification ? std::string() : reply;
}

Json::Value Dispatcher::run(const Method& method, const Json::Value& params, const CallInfo& info,
                            Slow slow) const
{
    try {
        if (slow == Slow::TurnAway && wire::paceOf(method, info.awaited) != Pace::Quick)
            throw Refusal(Reason::TooBusy, "too many calls are waiting; ask again later");
        return method.call(params, info);
    } catch (const RpcError&) {
        throw;
    } catch (const InvalidParams& invalid) {
        throw invalid.toError();
    } catch (const Refusal& refusal) {
        throw translate_(method.name, refusal);
    } catch (...) {
        logInternalError("method " + method.name, currentExceptionText());
        const Refusal refusal(Reason::Internal, "this is a defect of hotplugd; its log has the details");
        throw translate_(method.name, refusal);
    }
}

} // namespace hotplug::wire
