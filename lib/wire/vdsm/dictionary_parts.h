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
    const auto word = reader.word(key);
    const auto found = std::ranges::find_if(names, [&](const auto& name) { return name.first == word; });
    return found == names.end() ? std::nullopt : std::optional(found->second);
}

/// NOT_SUPPORTED, naming the key.
Refusal notSupported(const std::string& key, const std::string& instead);

/// Whether a value wants anything: not empty, not false.
bool asksForSomething(const Json::Value& value);

/// Throws NOT_SUPPORTED for the first of the keys that asks for something.
void refuseIfAsked(const DictionaryReader& reader, std::span<const std::string_view> keys, const std::string& instead);

/// Whether a value says anything: not null, not an empty list or object.
bool saysSomething(const Json::Value& value);

/// Warns of a key that changes nothing here, `custom.vhost`. Every warning begins with its key.
void warnIgnored(std::string_view key, Warnings& warnings);

/// Warns of keys that VDSM had, if they say something, and of an alias given for a plug.
void warnIgnored(const DictionaryReader& reader, std::span<const std::string_view> keys, Warnings& warnings);

/// How the dictionary names the disk's storage (SPEC A4), by the first of its ways; empty: in none. Notes what is
/// -32602 in the reader.
std::optional<SourceRef> readSource(DictionaryReader& reader);

/// Refuses what no schema can say of the source: none when it is `required`, several, incomplete, parts that do not
/// fit each other.
void requireSoundSource(const DictionaryReader& reader, bool required);

} // namespace hotplug::wire
