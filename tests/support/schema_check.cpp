#include "support/schema_check.h"

#include "wire/jsonrpc/catalogue.h"
#include "wire/jsonrpc/shield.h"

#include <algorithm>

namespace hotplug::test {

namespace {

using namespace hotplug::wire;
using Problems = std::vector<std::string>;

std::string withoutVm(const std::string& verb)
{
    return verb.starts_with("VM.") ? verb.substr(3) : verb;
}

Problems check(const Json::Value& schema, const Json::Value& value, const std::string& where)
{
    const Schema compiled(schema, schemaDocument("definitions.json")["definitions"]);
    Problems problems;
    for (const auto& problem : compiled.problemsOf(value))
        problems.push_back(where + problem.at + " " + problem.problem);
    return problems;
}

const Json::Value& definition(const char* name)
{
    static const auto document = schemaDocument("definitions.json");
    return document["definitions"][name];
}

Json::Value definedError(int code)
{
    if (code == invalidParamsCode)
        return definition("invalidParamsError");
    return definition(code <= overloadedCode ? "protocolError" : "error");
}

// R5: the reason's own code, else the verb's, and that code's text in front of the message.
Problems checkReason(const Json::Value& verb, const Json::Value& error)
{
    const auto errors = schemaDocument("errors.json");
    const auto& reasons = errors["reasons"];
    const auto known = std::find_if(reasons.begin(), reasons.end(),
        [&](const Json::Value& entry) { return entry["reason"] == error["data"]["reason"]; });
    if (known == reasons.end())
        return {"/error/data/reason is not in errors.json"};
    const auto& code = (*known)["code"].isNull() ? verb["code"] : (*known)["code"];
    if (error["code"].asInt() != code.asInt())
        return {"/error/code should be " + code.asString()};
    const auto text = errors["codes"][code.asString()].asString();
    return error["message"].asString().starts_with(text) ? Problems{} : Problems{"/error/message should begin with " + text};
}

Problems checkError(const Json::Value& verb, const Json::Value& error)
{
    const auto code = error["code"].isInt() ? error["code"].asInt() : 0;
    auto problems = check(definedError(code), error, "/error");
    if (problems.empty() && code > 0)
        problems = checkReason(verb, error);
    return problems;
}

} // namespace

std::vector<std::string> problemsOf(const std::string& verb, const Json::Value& reply)
{
    const auto document = schemaDocument("verbs/" + withoutVm(verb) + ".json");
    if (!reply.isObject() || reply["jsonrpc"] != "2.0" || !reply.isMember("id") || reply.size() != 3)
        return {"not a JSON-RPC 2.0 reply"};
    if (reply.isMember("error"))
        return checkError(document, reply["error"]);
    const bool dryRun = reply["result"].isObject() && reply["result"].isMember("dryRun");
    return check(document[dryRun ? "dryRunResult" : "result"], reply["result"], "/result");
}

std::vector<std::string> problemsOf(const std::string& verb, const std::string& reply)
{
    return problemsOf(verb, parseShielded(reply, {reply.size(), reply.size(), reply.size()}));
}

} // namespace hotplug::test
