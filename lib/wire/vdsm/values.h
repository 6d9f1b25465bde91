#pragma once

#include "base/uuid.h"
#include "model/address.h"
#include "model/identity.h"
#include "wire/jsonrpc/error.h"

#include <cstdint>
#include <json/value.h>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hotplug::wire {

/// true, false, 1, 0, or "True", "false", "1", "0" as VDSM writes them, in any case.
std::optional<bool> parseFlag(const Json::Value& value);

/// 3, "3" or "0x0c"; 0 to 2^64-1. No sign, no blanks, no leading zero, which libvirt would read as octal.
std::optional<std::uint64_t> parseNumber(const Json::Value& value);

/// Something in it, and no control characters: these no XML document can carry.
bool isPrintable(std::string_view text);

/// At least one character, all of them of A-Z a-z 0-9 or `others`.
bool isMadeOf(std::string_view text, std::string_view others);

/// Reads the values of one dictionary that has passed its schema, by the types' own parses. Collects what is wrong
/// with JSON Pointers relative to the dictionary, so that a caller learns of everything at once.
class DictionaryReader {
public:
    using Member = std::pair<std::string_view, const Json::Value*>;

    /// The dictionary, an object, must outlive the reader.
    explicit DictionaryReader(const Json::Value& dictionary);

    const std::vector<Member>& members() const { return members_; }
    bool has(std::string_view key) const { return find(key) != nullptr; }
    /// Null when there is no such member.
    const Json::Value& raw(std::string_view key) const;

    /// A string without copying it, valid as long as the dictionary; empty for an absent one: VDSM means the same.
    std::string_view word(std::string_view key) const;
    std::optional<std::string> text(const char* key) const;
    std::optional<bool> flag(const char* key);
    std::optional<unsigned> number(const char* key, unsigned least, unsigned most);
    /// The same of an object inside the dictionary, which stands at the pointer `at`.
    std::optional<unsigned> numberIn(const Json::Value& object, const std::string& at, const char* key, unsigned least,
        unsigned most);
    std::optional<Uuid> uuid(const char* key);
    std::optional<DeviceId> deviceId();
    std::optional<Alias> alias() const;
    std::optional<Mac> mac(const char* key);
    std::optional<Address> address();

    /// Notes a problem at a pointer relative to the dictionary.
    void problem(std::string at, std::string problem);
    /// Throws InvalidParams with everything noted, if anything was.
    void finish() const;

private:
    const Json::Value* find(std::string_view key) const;
    std::optional<unsigned> checkedNumber(const Json::Value& given, const std::string& at, const char* key, unsigned least,
        unsigned most);

    /// It has few members, and dozens are asked for: looking through them is faster than jsoncpp's tree.
    std::vector<Member> members_;
    std::vector<Problem> problems_;
};

} // namespace hotplug::wire
