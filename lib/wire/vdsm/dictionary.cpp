#include "wire/vdsm/dictionary_parts.h"

#include <fmt/format.h>

namespace hotplug::wire {

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
    return Refusal(Reason::NotSupported, fmt::format("this version does not support {}; {}", key, instead)).at("/" + key);
}

bool asksForSomething(const Json::Value& value)
{
    if (value.isArray() || value.isObject())
        return !value.empty();
    const bool off = value.isString() && value.asString() == "no";      // VDSM's port_isolated
    return !off && parseFlag(value).value_or(true);
}

void refuseIfAsked(const DictionaryReader& reader, std::span<const char* const> keys, const std::string& instead)
{
    for (const auto* key : keys)
        if (reader.has(key) && asksForSomething(reader.raw(key)))
            throw notSupported(key, instead);
}

void warnIgnored(const DictionaryReader& reader, std::span<const char* const> keys, Warnings& warnings)
{
    for (const auto* key : keys)
        if (reader.has(key))
            warnings.push_back(fmt::format("{} has no effect here and was ignored", key));
    if (reader.has("alias"))
        warnings.emplace_back("alias was ignored: it follows from deviceId");
}

} // namespace hotplug::wire
