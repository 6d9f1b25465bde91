#include "wire/vdsm/request.h"

#include "base/reason.h"

#include <algorithm>
#include <charconv>
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

std::string dotted(std::string pointer)
{
    std::ranges::replace(pointer, '/', '.');
    return pointer;
}

// `/drive/specParams/x` -> `specParams.x`, `/device/1/x` -> `device[1].x`
std::string keyInWords(const CheckedParams& checked, const std::string& pointer)
{
    auto key = pointer.substr(checked.form.size() + 2);
    const auto slash = key.find('/');
    if (checked.isList())
        return nameInList(std::stoul(key), dotted(key.substr(slash + 1)));
    return dotted(key);
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
        checked.warnings.push_back(fmt::format("{} is unknown and was ignored", keyInWords(checked, pointer)));
}

// `/1/path` -> 1 and `/path`; without an entry the field stays whole.
std::pair<std::optional<std::size_t>, std::string> splitEntry(const std::string& field)
{
    std::size_t entry = 0;
    const auto [end, error] = std::from_chars(field.data() + 1, field.data() + field.size(), entry);
    const auto length = static_cast<std::size_t>(end - field.data());
    if (error != std::errc() || (length < field.size() && field[length] != '/'))
        return {std::nullopt, field};
    return {entry, field.substr(length)};
}

// What a verb is told once, whatever the number of devices.
bool isOfTheVerb(const std::string& field)
{
    constexpr std::string_view fields[] = {"/vmId", "/timeout", "/dryRun", "/persist", "/waitForGuest"};
    return std::ranges::find(fields, field) != std::end(fields);
}

// With VDSM null and the empty string mean absent.
void dropEmptyMembers(Json::Value& params)
{
    for (const char* key : {"drive", "nic"})
        if (params.isMember(key))
            dropEmpty(params[key]);
    if (params.isMember("device") && params["device"].isArray())
        for (auto& drive : params["device"])
            dropEmpty(drive);
}

} // namespace

std::string nameInList(std::size_t entry, const std::string& key)
{
    return fmt::format("device[{}].{}", entry, key);
}

Uuid CheckedParams::vm() const
{
    try {
        return uuidAt(params, "vmId");
    } catch (const InvalidParams& invalid) {
        throw invalid.under(prefix);
    }
}

const Json::Value& CheckedParams::entry(std::size_t index) const
{
    if (isList())
        return params[form][static_cast<Json::ArrayIndex>(index)];
    return hasDictionaries() ? params[form] : params;
}

std::string CheckedParams::pointerToEntry(std::size_t index) const
{
    if (isList())
        return fmt::format("{}/{}/{}", prefix, form, index);
    return hasDictionaries() ? prefix + "/" + form : prefix;
}

std::string CheckedParams::pointerTo(const std::string& field) const
{
    if (field.empty())
        return field;
    const auto [entry, rest] = splitEntry(field);
    if (!entry || isOfTheVerb(rest))
        return prefix + rest;
    if (rest.empty() && !hasDictionaries())
        return prefix + "/" + form;
    return pointerToEntry(*entry) + rest;
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
        dropEmptyMembers(checked.params);
        check(verb, checked);
    } catch (const InvalidParams& invalid) {
        throw invalid.under(checked.prefix);
    }
    return checked;
}

} // namespace hotplug::wire
