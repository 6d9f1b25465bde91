#include "hotplugctl/arguments.h"

#include "hotplugctl/address_text.h"
#include "hotplugctl/errors.h"

#include <algorithm>
#include <charconv>
#include <fmt/ranges.h>

namespace hotplug::ctl {

namespace {

Json::Value numberFrom(const Option& option, const std::string& text)
{
    Json::Int64 value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        throw UsageError(fmt::format("{} must be a whole number", option.name), fmt::format("it is '{}'", text));
    return value;
}

Json::Value addressFrom(const Option& option, const std::string& text)
{
    if (auto address = addressFromText(text))
        return *std::move(address);
    throw UsageError(fmt::format("{} must be a PCI address like 0000:05:00.0 or a drive address like 0:0:0:3", option.name),
                     fmt::format("it is '{}'", text));
}

Json::Value valueFrom(const Option& option, const std::string& text)
{
    switch (option.value) {
    case Option::Value::Flag: return option.flagValue;
    case Option::Value::Number: return numberFrom(option, text);
    case Option::Value::Address: return addressFrom(option, text);
    case Option::Value::Text: break;
    }
    return text;
}

void putAt(Json::Value& params, const std::string& path, Json::Value value)
{
    const auto dot = path.find('.');
    if (dot == path.npos)
        params[path] = std::move(value);
    else
        putAt(params[path.substr(0, dot)], path.substr(dot + 1), std::move(value));
}

} // namespace

std::optional<std::string> Arguments::get(const std::string& name) const
{
    const auto found = texts_.find(name);
    return found == texts_.end() ? std::nullopt : std::optional(found->second);
}

void putOptions(Json::Value& params, const std::vector<Option>& options, const Arguments& arguments)
{
    for (const Option& option : options) {
        const auto text = arguments.get(option.name);
        if (text && !option.to.empty())
            putAt(params, option.to, valueFrom(option, *text));
    }
}

void requireOneOf(const std::vector<std::string>& names, const Arguments& arguments)
{
    const auto given = std::ranges::count_if(names, [&](const auto& name) { return arguments.has(name); });
    if (!names.empty() && given != 1)
        throw UsageError(fmt::format("exactly one of {} is needed", fmt::join(names, ", ")),
                         fmt::format("{} were given", given));
}

} // namespace hotplug::ctl
