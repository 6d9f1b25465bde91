#include "wire/vdsm/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

namespace hotplug::wire {

namespace {

std::string lower(std::string text)
{
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

std::optional<std::uint64_t> digits(std::string_view text, int base)
{
    std::uint64_t value = 0;
    const auto end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, base);
    return error == std::errc() && stop == end ? std::optional(value) : std::nullopt;
}

/// The keys of one kind of address.
struct Part {
    const char* key;
    unsigned most;
    bool required;
};

constexpr Part pciParts[] = {
    {"domain", 0xffff, false}, {"bus", 0xff, true}, {"slot", 0x1f, true}, {"function", 7, false}};
constexpr Part driveParts[] = {
    {"controller", 0xff, false}, {"bus", 0xff, false}, {"target", 0xff, false}, {"unit", 16383, true}};
constexpr std::size_t partCount = std::size(pciParts);

using Parts = std::array<unsigned, partCount>;

Parts readParts(const Json::Value& address, const Part (&parts)[partCount], DictionaryReader& reader)
{
    Parts values{};
    for (std::size_t i = 0; i < partCount; ++i) {
        const auto at = fmt::format("/address/{}", parts[i].key);
        const auto& value = address[parts[i].key];
        const auto number = parseNumber(value);
        if (value.isNull() && parts[i].required)
            reader.problem(at, "is required");
        else if (!value.isNull() && (!number || *number > parts[i].most))
            reader.problem(at, fmt::format("must be a number from 0 to {}", parts[i].most));
        values[i] = number && *number <= parts[i].most ? static_cast<unsigned>(*number) : 0;
    }
    return values;
}

// A key of the other kind of address would say something that we then ignored.
void rejectOthers(const Json::Value& address, const Part (&parts)[partCount], DictionaryReader& reader)
{
    for (const auto& key : address.getMemberNames()) {
        const auto own = std::ranges::any_of(parts, [&](const Part& part) { return key == part.key; });
        if (!own && key != "type" && key != "multifunction")
            reader.problem("/address/" + key, "does not belong to an address of this type");
    }
}

} // namespace

std::optional<bool> parseFlag(const Json::Value& value)
{
    if (value.isBool())
        return value.asBool();
    if (!value.isString() && !value.isIntegral())
        return std::nullopt;
    const auto text = lower(value.asString());
    if (text == "true" || text == "1")
        return true;
    if (text == "false" || text == "0")
        return false;
    return std::nullopt;
}

std::optional<std::uint64_t> parseNumber(const Json::Value& value)
{
    if (value.isBool())
        return std::nullopt;
    if (value.isUInt64())
        return value.asUInt64();
    if (!value.isString())
        return std::nullopt;
    const auto text = lower(value.asString());
    if (text.starts_with("0x"))
        return digits(std::string_view(text).substr(2), 16);
    if (text.size() > 1 && text.front() == '0')
        return std::nullopt;
    return digits(text, 10);
}

std::optional<std::string> DictionaryReader::text(const char* key) const
{
    return has(key) ? std::optional(raw(key).asString()) : std::nullopt;
}

std::optional<bool> DictionaryReader::flag(const char* key)
{
    if (!has(key))
        return std::nullopt;
    const auto value = parseFlag(raw(key));
    if (!value)
        problem(std::string("/") + key, "must be true or false");
    return value;
}

std::optional<unsigned> DictionaryReader::number(const char* key, unsigned least, unsigned most)
{
    if (!has(key))
        return std::nullopt;
    const auto value = parseNumber(raw(key));
    if (value && *value >= least && *value <= most)
        return static_cast<unsigned>(*value);
    problem(std::string("/") + key, fmt::format("must be a number from {} to {}", least, most));
    return std::nullopt;
}

std::optional<DeviceId> DictionaryReader::deviceId()
{
    if (!has("deviceId"))
        return std::nullopt;
    auto id = DeviceId::parse(raw("deviceId").asString());
    if (!id)
        problem("/deviceId", "must be 1 to 64 of the characters A-Z a-z 0-9 _ -");
    return id;
}

std::optional<Alias> DictionaryReader::alias() const
{
    return has("alias") ? std::optional(Alias(raw("alias").asString())) : std::nullopt;
}

std::optional<Mac> DictionaryReader::mac(const char* key)
{
    if (!has(key))
        return std::nullopt;
    const auto mac = Mac::parse(raw(key).asString());
    if (!mac)
        problem(std::string("/") + key, "must be a unicast MAC address such as 52:54:00:12:34:56");
    return mac;
}

std::optional<Address> DictionaryReader::address()
{
    if (!has("address"))
        return std::nullopt;
    const auto& address = raw("address");
    if (!address.isObject()) {
        problem("/address", "must be an object with type, or empty");
        return std::nullopt;
    }
    const bool pci = address["type"].asString() == "pci";
    const auto& parts = pci ? pciParts : driveParts;
    rejectOthers(address, parts, *this);
    const auto [a, b, c, d] = readParts(address, parts, *this);
    return pci ? Address(PciAddress{a, b, c, d}) : Address(DriveAddress{a, b, c, d});
}

void DictionaryReader::problem(std::string at, std::string problem)
{
    problems_.push_back({std::move(at), std::move(problem), false});
}

void DictionaryReader::finish() const
{
    if (!problems_.empty())
        throw InvalidParams(problems_);
}

} // namespace hotplug::wire
