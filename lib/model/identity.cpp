#include "model/identity.h"

#include "base/hex.h"

#include <algorithm>
#include <fmt/format.h>

namespace hotplug {

namespace {

constexpr std::size_t maxDeviceId = 64;
constexpr std::string_view aliasPrefix = "ua-";

bool isIdCharacter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

} // namespace

std::optional<DeviceId> DeviceId::parse(std::string_view text)
{
    if (text.empty() || text.size() > maxDeviceId || !std::ranges::all_of(text, isIdCharacter))
        return std::nullopt;
    return DeviceId(std::string(text));
}

DeviceId DeviceId::derive(const Uuid& vm, std::string_view reference)
{
    return DeviceId(Uuid::fromName(vm, reference).str());
}

std::optional<DeviceId> Alias::deviceId() const
{
    if (!text_.starts_with(aliasPrefix))
        return std::nullopt;
    return DeviceId::parse(std::string_view(text_).substr(aliasPrefix.size()));
}

std::optional<Mac> Mac::parse(std::string_view text)
{
    std::array<std::uint8_t, 6> bytes{};
    if (text.size() != bytes.size() * 3 - 1)
        return std::nullopt;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto high = hexDigit(text[i * 3]), low = hexDigit(text[i * 3 + 1]);
        if (!high || !low || (i > 0 && text[i * 3 - 1] != ':'))
            return std::nullopt;
        bytes[i] = static_cast<std::uint8_t>(*high << 4 | *low);
    }
    const bool multicast = (bytes[0] & 1) != 0;
    if (multicast || bytes == std::array<std::uint8_t, 6>{})
        return std::nullopt;
    return Mac(bytes);
}

Mac Mac::random()
{
    const auto noise = Uuid::random().bytes();
    return Mac({0x52, 0x54, 0x00, noise[0], noise[1], noise[2]});
}

std::string Mac::str() const
{
    return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}",
        bytes_[0], bytes_[1], bytes_[2], bytes_[3], bytes_[4], bytes_[5]);
}

std::string targetName(std::string_view prefix, unsigned index)
{
    constexpr std::uint64_t letters = 26;
    std::string suffix;
    for (std::uint64_t rest = std::uint64_t{index} + 1; rest > 0; rest = (rest - 1) / letters)
        suffix.insert(suffix.begin(), static_cast<char>('a' + (rest - 1) % letters));
    return std::string(prefix) + suffix;
}

std::optional<unsigned> targetIndex(std::string_view target)
{
    constexpr unsigned letters = 26, longest = 5;
    if (target.size() < 3 || target.size() > longest)
        return std::nullopt;
    unsigned index = 0;
    for (const char c : target.substr(2)) {
        if (c < 'a' || c > 'z')
            return std::nullopt;
        index = index * letters + static_cast<unsigned>(c - 'a') + 1;
    }
    return index - 1;
}

} // namespace hotplug
