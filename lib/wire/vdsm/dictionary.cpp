#include "wire/vdsm/dictionary_parts.h"

#include <fmt/format.h>

namespace hotplug::wire {

namespace {

// Visits the dictionary's members that are among the keys: it has few members, and most keys are not there.
template<typename Visit>
void forEachAmong(const DictionaryReader& reader, std::span<const std::string_view> keys, Visit visit)
{
    for (const auto& [key, value] : reader.members())
        if (std::ranges::find(keys, key) != keys.end())
            visit(std::string(key), *value);
}

} // namespace

void dropEmpty(Json::Value& dictionary)
{
    if (!dictionary.isObject())
        return;
    for (const auto& key : dictionary.getMemberNames()) {
        const auto& value = dictionary[key];
        if (value.isNull() || (value.isString() && value.asString().empty()))
            dictionary.removeMember(key);
    }
}

Refusal notSupported(const std::string& key, const std::string& instead)
{
    const auto sentence = fmt::format("this version does not support {}; {}", key, instead);
    return Refusal(Reason::NotSupported, sentence).at("/" + key);
}

bool asksForSomething(const Json::Value& value)
{
    if (value.isArray() || value.isObject())
        return !value.empty();
    return parseFlag(value).value_or(true);
}

void refuseIfAsked(const DictionaryReader& reader, std::span<const std::string_view> keys,
                   const std::string& instead)
{
    forEachAmong(reader, keys, [&](const std::string& key, const Json::Value& value) {
        if (asksForSomething(value))
            throw notSupported(key, instead);
    });
}

bool saysSomething(const Json::Value& value)
{
    return !value.isNull() && !((value.isArray() || value.isObject()) && value.empty());
}

void warnIgnored(std::string_view key, Warnings& warnings)
{
    warnings.push_back(fmt::format("{} has no effect here and was ignored", key));
}

void warnIgnored(const DictionaryReader& reader, std::span<const std::string_view> keys, Warnings& warnings)
{
    forEachAmong(reader, keys, [&](const std::string& key, const Json::Value& value) {
        if (saysSomething(value))
            warnIgnored(key, warnings);
    });
    if (reader.has("alias"))
        warnings.emplace_back("alias was ignored: it follows from deviceId");
}

} // namespace hotplug::wire
