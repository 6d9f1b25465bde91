#include "wire/vdsm/request.h"

#include "base/reason.h"

#include <algorithm>
#include <fmt/format.h>

namespace hotplug::wire {

namespace {

Uuid uuidAt(const Json::Value& params, const char* key)
{
    const auto uuid = Uuid::parse(params[key].asString());
    if (!uuid)
        throw InvalidParams(std::string("/") + key, "must be a UUID such as 1b4e28ba-2fa1-11d2-883f-0016d3cca427");
    return *uuid;
}

// {"vmID": V, "params": {"vmId": V, …}} -> {"vmId": V, …}
Json::Value unwrapped(const Catalogue& catalogue, const Json::Value& params)
{
    auto problems = catalogue.engineRequest().problemsOf(params);
    if (!problems.empty())
        throw InvalidParams(std::move(problems));
    const auto vm = uuidAt(params, "vmID");
    auto inner = params["params"];
    if (!inner.isMember("vmId"))
        inner["vmId"] = vm.str();
    const auto named = inner["vmId"].isString() ? Uuid::parse(inner["vmId"].asString()) : std::nullopt;
    if (named && *named != vm)
        throw Refusal(Reason::InvalidParameter, "vmID and vmId name different VMs; give one of them")
            .at("/params/vmId");
    return inner;
}

// Within the dictionary: `/drive/specParams/x` -> `specParams.x`
std::string dotted(std::string pointer)
{
    std::ranges::replace(pointer, '/', '.');
    return pointer.substr(pointer.find('.', 1) + 1);
}

void check(const VerbSchema& verb, CheckedParams& checked)
{
    const auto lenient = checked.params.get("ignoreUnknown", false);
    if (!lenient.isBool() || !lenient.asBool()) {
        checked.form = verb.check(checked.params);
        return;
    }
    const auto [form, dropped] = verb.checkLeniently(checked.params);
    checked.form = form;
    for (const auto& pointer : dropped)
        checked.warnings.push_back(fmt::format("{} is unknown and was ignored", dotted(pointer)));
}

} // namespace

Uuid CheckedParams::vm() const
{
    try {
        return uuidAt(params, "vmId");
    } catch (const InvalidParams& invalid) {
        throw invalid.under(prefix);
    }
}

std::string CheckedParams::pointerTo(const std::string& field) const
{
    constexpr std::string_view ofTheVerb[] = {"/vmId", "/persist", "/timeout", "/dryRun"};
    if (field.empty())
        return field;
    const bool relative = hasDictionary() && std::ranges::find(ofTheVerb, field) == std::end(ofTheVerb)
        && !field.starts_with("/" + form + "/");
    return prefix + (relative ? "/" + form : std::string()) + field;
}

CheckedParams checkParams(const Catalogue& catalogue, const std::string& method, const Json::Value& params)
{
    const auto& verb = catalogue.verb(method);
    const bool engine = method == verb.engineName();
    CheckedParams checked;
    checked.params = engine ? unwrapped(catalogue, params) : params.isNull() ? Json::Value(Json::objectValue) : params;
    checked.prefix = engine ? "/params" : "";
    try {
        if (!checked.params.isObject())
            throw InvalidParams("", "must be an object: parameters are given by name");
        for (const char* key : {"drive", "nic"})
            if (checked.params.isMember(key))
                dropEmpty(checked.params[key]);
        check(verb, checked);
    } catch (const InvalidParams& invalid) {
        throw invalid.under(checked.prefix);
    }
    return checked;
}

} // namespace hotplug::wire
