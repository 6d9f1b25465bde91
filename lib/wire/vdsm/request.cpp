#include "wire/vdsm/request.h"

#include "base/reason.h"
#include "wire/vdsm/values.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace hotplug::wire {

namespace {

constexpr milliseconds defaultTimeout{30'000};
constexpr std::size_t maxKept = 8192;           // characters of params in the journal: no real call has more

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
    constexpr std::string_view fields[] = {"/vmId", "/timeout", "/dryRun", "/persist", "/waitForGuest", "/requestId"};
    return std::ranges::find(fields, field) != std::end(fields);
}

template<typename OfDrive, typename OfNic> void forEachDictionary(Json::Value& params, OfDrive&& drive, OfNic&& nic)
{
    if (params.isMember("drive"))
        drive(params["drive"]);
    if (params.isMember("nic"))
        nic(params["nic"]);
    if (params.isMember("device") && params["device"].isArray())
        for (auto& one : params["device"])
            drive(one);
}

// With VDSM null and the empty string mean absent.
void dropEmptyMembers(Json::Value& params)
{
    forEachDictionary(params, dropEmpty, dropEmpty);
}

// Some of it changes by itself, `truesize`, and nothing of it is kept.
void dropIgnored(Json::Value& params)
{
    forEachDictionary(params, dropIgnoredOfDrive, dropIgnoredOfNic);
}

} // namespace

std::string nameInList(std::size_t entry, const std::string& key)
{
    return fmt::format("device[{}].{}", entry, key);
}

Uuid CheckedParams::uuid(const char* key) const
{
    try {
        return uuidAt(params, key);
    } catch (const InvalidParams& invalid) {
        throw invalid.under(prefix);
    }
}

Clock::time_point CheckedParams::deadline(Clock::time_point arrival) const
{
    return arrival + (params.isMember("timeout") ? milliseconds(params["timeout"].asInt()) : defaultTimeout);
}

std::string CheckedParams::requestId() const
{
    if (!params.isMember("requestId"))
        return {};
    auto id = params["requestId"].asString();
    if (!isPrintable(id))
        throw InvalidParams(prefix + "/requestId", "must be 1 to 128 printable characters");
    return id;
}

std::string CheckedParams::canonicalText() const
{
    auto bare = params;
    bare["vmId"] = vm().str();
    for (const char* key : {"requestId", "timeout", "dryRun", "waitForGuest", "ignoreUnknown"})
        bare.removeMember(key);
    dropIgnored(bare);
    auto text = compact(bare);
    return text.size() <= maxKept ? text : "sha1 " + Uuid::fromName(Uuid(), text).str();
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
