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

std::string_view keyOf(const Json::Value::const_iterator& member)
{
    const char* end = nullptr;
    const char* start = member.memberName(&end);
    return {start, static_cast<std::size_t>(end - start)};
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
        if (parts[i].required && !address.isMember(parts[i].key))
            reader.problem(fmt::format("/address/{}", parts[i].key), "is required");
        values[i] = reader.numberIn(address, "/address", parts[i].key, 0, parts[i].most).value_or(0);
    }
    return values;
}

// A key of the other kind of address would say something that we then ignored.
void rejectOthers(const Json::Value& address, const Part (&parts)[partCount], DictionaryReader& reader)
{
    for (auto member = address.begin(); member != address.end(); ++member) {
        const auto key = keyOf(member);
        const auto own = std::ranges::any_of(parts, [&](const Part& part) { return key == part.key; });
        if (!own && key != "type" && key != "multifunction")
            reader.problem("/address/" + std::string(key), "does not belong to an address of this type");
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

bool isPrintable(std::string_view text)
{
    constexpr char del = 0x7f;
    return !text.empty() && std::ranges::none_of(text, [](char c) { return (c >= 0 && c < ' ') || c == del; });
}

bool isMadeOf(std::string_view text, std::string_view others)
{
    const auto fits = [others](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || others.find(c) != others.npos;
    };
    return !text.empty() && std::ranges::all_of(text, fits);
}

DictionaryReader::DictionaryReader(const Json::Value& dictionary)
{
    members_.reserve(dictionary.size());
    for (auto member = dictionary.begin(); member != dictionary.end(); ++member)
        members_.emplace_back(keyOf(member), &*member);
}

const Json::Value* DictionaryReader::find(std::string_view key) const
{
    const auto found = std::ranges::find(members_, key, &Member::first);
    return found == members_.end() ? nullptr : found->second;
}

const Json::Value& DictionaryReader::raw(std::string_view key) const
{
    const auto* value = find(key);
    return value ? *value : Json::Value::nullSingleton();
}

std::string_view DictionaryReader::word(std::string_view key) const
{
    const char *start = nullptr, *end = nullptr;
    const bool isText = raw(key).getString(&start, &end);
    return isText ? std::string_view(start, static_cast<std::size_t>(end - start)) : std::string_view();
}

std::optional<std::string> DictionaryReader::text(const char* key) const
{
    const auto* value = find(key);
    return value ? std::optional(value->asString()) : std::nullopt;
}

std::optional<bool> DictionaryReader::flag(const char* key)
{
    const auto* given = find(key);
    if (!given)
        return std::nullopt;
    const auto value = parseFlag(*given);
    if (!value)
        problem(std::string("/") + key, "must be true or false");
    return value;
}

std::optional<unsigned> DictionaryReader::number(const char* key, unsigned least, unsigned most)
{
    const auto* given = find(key);
    return given ? checkedNumber(*given, {}, key, least, most) : std::nullopt;
}

std::optional<unsigned> DictionaryReader::numberIn(const Json::Value& object, const std::string& at, const char* key,
                                                   unsigned least, unsigned most)
{
    const auto* given = object.find(key, key + std::char_traits<char>::length(key));
    return given ? checkedNumber(*given, at, key, least, most) : std::nullopt;
}

std::optional<unsigned> DictionaryReader::checkedNumber(const Json::Value& given, const std::string& at, const char* key,
                                                        unsigned least, unsigned most)
{
    const auto value = parseNumber(given);
    if (value && *value >= least && *value <= most)
        return static_cast<unsigned>(*value);
    problem(fmt::format("{}/{}", at, key), fmt::format("must be a number from {} to {}", least, most));
    return std::nullopt;
}

std::optional<Uuid> DictionaryReader::uuid(const char* key)
{
    if (!has(key))
        return std::nullopt;
    const auto uuid = Uuid::parse(word(key));
    if (!uuid)
        problem(std::string("/") + key, "must be a UUID such as 1b4e28ba-2fa1-11d2-883f-0016d3cca427");
    return uuid;
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
