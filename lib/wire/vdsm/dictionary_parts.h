#pragma once

#include "base/reason.h"
#include "wire/vdsm/dictionary.h"
#include "wire/vdsm/values.h"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

/// What the readers of both dictionaries share.
namespace hotplug::wire {

constexpr unsigned maxBootOrder = std::numeric_limits<int>::max();

template<typename Value> using Names = std::initializer_list<std::pair<std::string_view, Value>>;

/// The value that a word of the dictionary stands for. Where the schema lists the words, absence is the only miss.
template<typename Value>
std::optional<Value> choice(const DictionaryReader& reader, const char* key, Names<Value> names)
{
    const auto word = reader.text(key);
    const auto found = std::ranges::find_if(names, [&](const auto& name) { return name.first == word; });
    return found == names.end() ? std::nullopt : std::optional(found->second);
}

/// NOT_SUPPORTED, naming the key.
Refusal notSupported(const std::string& key, const std::string& instead);

/// Whether a value wants anything: not empty, not false, not VDSM's "no".
bool asksForSomething(const Json::Value& value);

/// Throws NOT_SUPPORTED for the first of the keys that asks for something.
void refuseIfAsked(const DictionaryReader& reader, std::span<const std::string_view> keys, const std::string& instead);

/// Warns of keys that VDSM had and that change nothing here, and of an alias given for a plug.
void warnIgnored(const DictionaryReader& reader, std::span<const std::string_view> keys, Warnings& warnings);

} // namespace hotplug::wire
