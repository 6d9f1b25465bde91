#include "wire/vdsm/dictionary_parts.h"

#include <fmt/format.h>

namespace hotplug::wire {

namespace {

// Visits the dictionary's members that are among the keys: it has few members, and most keys are not there.
template<typename Visit>
void forEachAmong(const Json::Value& dictionary, std::span<const std::string_view> keys, Visit visit)
{
    for (auto member = dictionary.begin(); member != dictionary.end(); ++member) {
        const char* end = nullptr;
        const char* start = member.memberName(&end);
        const std::string_view key(start, static_cast<std::size_t>(end - start));
        if (std::ranges::find(keys, key) != keys.end())
            visit(std::string(key), *member);
    }
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
    const bool off = value.isString() && value.asString() == "no";      // VDSM's port_isolated
    return !off && parseFlag(value).value_or(true);
}

void refuseIfAsked(const DictionaryReader& reader, std::span<const std::string_view> keys,
                   const std::string& instead)
{
    forEachAmong(reader.dictionary(), keys, [&](const std::string& key, const Json::Value& value) {
        if (asksForSomething(value))
            throw notSupported(key, instead);
    });
}

void warnIgnored(const DictionaryReader& reader, std::span<const std::string_view> keys, Warnings& warnings)
{
    forEachAmong(reader.dictionary(), keys, [&](const std::string& key, const Json::Value&) {
        warnings.push_back(fmt::format("{} has no effect here and was ignored", key));
    });
    if (reader.has("alias"))
        warnings.emplace_back("alias was ignored: it follows from deviceId");
}

} // namespace hotplug::wire
