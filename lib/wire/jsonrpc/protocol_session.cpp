#include "wire/jsonrpc/protocol_session.h"

#include "wire/jsonrpc/shield.h"

#include <jsonrpccpp/common/exception.h>
#include <jsonrpccpp/common/procedure.h>
#include <jsonrpccpp/server/iprocedureinvokationhandler.h>
#include <jsonrpccpp/server/requesthandlerfactory.h>
#include <optional>

namespace hotplug::wire {

namespace {

// The library refuses negative and fractional ids, and loses those above 32 bits when it reports an error.
bool libraryKeeps(const Json::Value& id)
{
    return id.isString() || id.isNull() || id.isUInt();
}

// The library puts texts of its own in front of messages with these codes.
bool libraryRewords(int code)
{
    constexpr int lowest = -32768, highest = -32000;
    return code >= lowest && code <= highest;
}

jsonrpc::Procedure withoutDeclaredParams(const std::string& name)
{
    jsonrpc::Procedure procedure;
    procedure.SetProcedureName(name);
    procedure.SetProcedureType(jsonrpc::RPC_METHOD);
    procedure.SetReturnType(jsonrpc::JSON_OBJECT);
    procedure.SetParameterDeclarationType(jsonrpc::PARAMS_BY_NAME);
    return procedure;
}

} // namespace

class ProtocolSession::Handler : public jsonrpc::IProcedureInvokationHandler {
public:
    explicit Handler(const std::vector<Method>& methods)
        : protocol_(jsonrpc::RequestHandlerFactory::createProtocolHandler(jsonrpc::JSONRPC_SERVER_V2, *this))
    {
        for (const auto& method : methods) {
            methods_.emplace(method.name, &method);
            protocol_->AddProcedure(withoutDeclaredParams(method.name));
        }
    }

    std::string handle(const std::string& method, const Json::Value& id, const Invoke& invoke)
    {
        invoke_ = &invoke;
        reached_ = false;
        error_.reset();
        Json::Value envelope;
        envelope["jsonrpc"] = "2.0";
        envelope["method"] = method;
        envelope["id"] = libraryKeeps(id) ? id : Json::Value(0);
        std::string reply;
        protocol_->HandleRequest(compact(envelope), reply);
        const bool worded = reached_ && !(error_ && libraryRewords(error_->code()));
        return worded && libraryKeeps(id) ? reply : reworded(reply, id);
    }

private:
    void HandleMethodCall(jsonrpc::Procedure& procedure, const Json::Value&, Json::Value& output) override
    {
        reached_ = true;
        try {
            output = (*invoke_)(*methods_.at(procedure.GetProcedureName()));
        } catch (const RpcError& error) {
            error_ = error;
            throw jsonrpc::JsonRpcException(error.code(), error.message(), error.data());
        }
    }

    // Never called: every method is registered as a method, and notifications get an id before they come here.
    void HandleNotificationCall(jsonrpc::Procedure&, const Json::Value&) override {}

    // Puts the caller's id, and the specification's words or ours, into a reply where the library has others.
    std::string reworded(const std::string& text, const Json::Value& id) const
    {
        auto reply = parseShielded(text, {text.size(), text.size(), text.size()});
        reply["id"] = id;
        if (error_)
            reply["error"] = error_->toJson();
        else if (reply.isMember("error"))
            reply["error"] = RpcError(static_cast<ProtocolCode>(reply["error"]["code"].asInt())).toJson();
        return compact(reply);
    }

    const std::unique_ptr<jsonrpc::IProtocolHandler> protocol_;
    std::map<std::string, const Method*, std::less<>> methods_;
    const Invoke* invoke_ = nullptr;
    std::optional<RpcError> error_;
    bool reached_ = false;
};

ProtocolSession::ProtocolSession(const std::vector<Method>& methods) : handler_(std::make_unique<Handler>(methods)) {}

ProtocolSession::~ProtocolSession() = default;

std::string ProtocolSession::handle(const std::string& method, const Json::Value& id, const Invoke& invoke)
{
    return handler_->handle(method, id, invoke);
}

} // namespace hotplug::wire
