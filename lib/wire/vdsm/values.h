#pragma once

#include "model/address.h"
#include "model/identity.h"
#include "wire/jsonrpc/error.h"

#include <cstdint>
#include <json/value.h>
#include <optional>
#include <string>
#include <vector>

namespace hotplug::wire {

/// true, false, 1, 0, or "True", "false", "1", "0" as VDSM writes them, in any case.
std::optional<bool> parseFlag(const Json::Value& value);

/// 3, "3" or "0x0c"; 0 to 2^64-1. No sign, no blanks, no leading zero, which libvirt would read as octal.
std::optional<std::uint64_t> parseNumber(const Json::Value& value);

/// Reads the values of one dictionary that has passed its schema, by the types' own parses. Collects what is wrong
/// with JSON Pointers relative to the dictionary, so that a caller learns of everything at once.
class DictionaryReader {
public:
    /// The dictionary must outlive the reader.
    explicit DictionaryReader(const Json::Value& dictionary) : dictionary_(dictionary) {}

    const Json::Value& dictionary() const { return dictionary_; }
    bool has(const char* key) const { return dictionary_.isMember(key); }
    const Json::Value& raw(const char* key) const { return dictionary_[key]; }

    std::optional<std::string> text(const char* key) const;
    std::optional<bool> flag(const char* key);
    std::optional<unsigned> number(const char* key, unsigned least, unsigned most);
    std::optional<DeviceId> deviceId();
    std::optional<Alias> alias() const;
    std::optional<Mac> mac(const char* key);
    std::optional<Address> address();

    /// Notes a problem at a pointer relative to the dictionary.
    void problem(std::string at, std::string problem);
    /// Throws InvalidParams with everything noted, if anything was.
    void finish() const;

private:
    const Json::Value& dictionary_;
    std::vector<Problem> problems_;
};

} // namespace hotplug::wire
