#include "hotplugctl/address_text.h"

#include "hotplugctl/format/json_text.h"
#include "model/address.h"

#include <charconv>
#include <fmt/format.h>
#include <vector>

namespace hotplug::ctl {

namespace {

std::optional<unsigned> number(std::string_view text, int base)
{
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// All parts between separators, or none when one is not a number.
std::vector<unsigned> numbers(std::string_view text, std::string_view separators, int base)
{
    std::vector<unsigned> values;
    for (;;) {
        const auto end = text.find_first_of(separators);
        const auto value = number(text.substr(0, end), base);
        if (!value)
            return {};
        values.push_back(*value);
        if (end == text.npos)
            return values;
        text.remove_prefix(end + 1);
    }
}

std::optional<Json::Value> pciFromText(std::string_view text)
{
    // Only the function stands behind a dot, and only the function does.
    if (text.find('.') != text.rfind('.') || text.rfind(':') == text.npos || text.rfind(':') > text.find('.'))
        return std::nullopt;
    auto parts = numbers(text, ":.", 16);
    if (parts.size() == 3)
        parts.insert(parts.begin(), 0);
    if (parts.size() != 4)
        return std::nullopt;
    Json::Value address;
    address["type"] = "pci";
    address["domain"] = fmt::format("0x{:04x}", parts[0]);
    address["bus"] = fmt::format("0x{:02x}", parts[1]);
    address["slot"] = fmt::format("0x{:02x}", parts[2]);
    address["function"] = fmt::format("0x{:x}", parts[3]);
    return address;
}

std::optional<Json::Value> driveFromText(std::string_view text)
{
    const auto parts = numbers(text, ":", 10);
    if (parts.size() != 4)
        return std::nullopt;
    Json::Value address;
    address["type"] = "drive";
    address["controller"] = std::to_string(parts[0]);
    address["bus"] = std::to_string(parts[1]);
    address["target"] = std::to_string(parts[2]);
    address["unit"] = std::to_string(parts[3]);
    return address;
}

/// `0x1f`, `31` or the number 31.
std::optional<unsigned> field(const Json::Value& address, const char* key)
{
    const std::string text = textOf(address, key);
    return text.starts_with("0x") ? number(std::string_view(text).substr(2), 16) : number(text, 10);
}

} // namespace

std::optional<Json::Value> addressFromText(std::string_view text)
{
    return text.find('.') == text.npos ? driveFromText(text) : pciFromText(text);
}

std::string addressText(const Json::Value& address)
{
    const std::string type = textOf(address, "type");
    const auto bus = field(address, "bus");
    if (type == "pci") {
        const auto domain = field(address, "domain"), slot = field(address, "slot"), function = field(address, "function");
        if (domain && bus && slot && function)
            return PciAddress{*domain, *bus, *slot, *function}.str();
    }
    if (type == "drive") {
        const auto controller = field(address, "controller"), target = field(address, "target"), unit = field(address, "unit");
        if (controller && bus && target && unit)
            return DriveAddress{*controller, *bus, *target, *unit}.str();
    }
    return address.isNull() ? "" : compactJson(address);
}

} // namespace hotplug::ctl
