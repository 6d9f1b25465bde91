#include "config.h"

#include "base/log.h"

#include <charconv>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <toml++/toml.h>

namespace hotplug {

namespace {

[[noreturn]] void fail(const std::filesystem::path& file, const toml::source_region& where, const std::string& what)
{
    throw ConfigError(fmt::format("{}:{}: {}", file.string(), where.begin.line, what));
}

/// Where a key's value goes, and how it is written.
using Setter = std::function<void(Config&, const std::string&)>;
enum class Form { Text, List, Number };
struct Key {
    Setter set;
    Form form = Form::Text;
};

const std::map<std::string, Key, std::less<>>& keys()
{
    static const std::map<std::string, Key, std::less<>> all{
        {"connect", {[](Config& c, const std::string& v) { c.connect = v; }}},
        {"listen", {[](Config& c, const std::string& v) { c.listen = v; }}},
        {"listen-group", {[](Config& c, const std::string& v) { c.listenGroup = v; }}},
        {"state-dir", {[](Config& c, const std::string& v) { c.stateDir = v; }}},
        {"image-root", {[](Config& c, const std::string& v) { c.imageRoots.push_back(v); }, Form::List}},
        {"block-device", {[](Config& c, const std::string& v) { c.blockDevices.push_back(v); }, Form::List}},
        {"data-center-root", {[](Config& c, const std::string& v) { c.dataCenterRoot = v; }}},
        {"log-level", {[](Config& c, const std::string& v) { c.logLevel = v; }}},
        {"journal-operations", {[](Config& c, const std::string& v) { c.journal.operations = numberOf(v); }, Form::Number}},
        {"journal-events", {[](Config& c, const std::string& v) { c.journal.events = numberOf(v); }, Form::Number}},
        {"journal-days", {[](Config& c, const std::string& v) { c.journal.age = std::chrono::days(numberOf(v)); }, Form::Number}},
    };
    return all;
}

std::string textOf(const std::filesystem::path& file, const std::string& name, const Key& key, const toml::node& value)
{
    if (const auto* number = value.as_integer(); number && key.form == Form::Number)
        return std::to_string(number->get());
    const auto* text = value.as_string();
    if (!text || key.form == Form::Number)
        fail(file, value.source(), fmt::format("{}: must be a {}", name, key.form == Form::Number ? "whole number" : "string"));
    return text->get();
}

void setValue(const std::filesystem::path& file, const std::string& name, const Key& key, const toml::node& value,
    Config& config)
{
    const auto text = textOf(file, name, key, value);
    if (const auto problem = problemWith(name, text); !problem.empty())
        fail(file, value.source(), fmt::format("{}: {}", name, problem));
    key.set(config, text);
}

void setKey(const std::filesystem::path& file, const std::string& name, const toml::node& value, Config& config)
{
    const auto key = keys().find(name);
    if (key == keys().end())
        fail(file, value.source(), fmt::format("{}: no such option; see hotplugd --help", name));
    const auto* array = value.as_array();
    if (!array)
        return setValue(file, name, key->second, value, config);
    if (key->second.form != Form::List)
        fail(file, value.source(), fmt::format("{}: takes one value, not a list", name));
    for (const auto& element : *array)
        setValue(file, name, key->second, element, config);
}

/// Empty when it is one of the option's, else what would be right.
std::string problemWithNumber(const std::string& value, std::uint64_t most)
{
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    const bool whole = error == std::errc{} && end == value.data() + value.size();
    return whole && number >= 1 && number <= most ? "" : fmt::format("must be a whole number from 1 to {}", most);
}

} // namespace

std::uint64_t numberOf(const std::string& value)
{
    return std::stoull(value);
}

void readConfigFile(const std::filesystem::path& file, Config& config)
{
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored) || std::filesystem::is_directory(file, ignored))
        throw ConfigError(fmt::format("{}: is no file that can be read; name another with --config", file.string()));
    try {
        for (const auto& [name, value] : toml::parse_file(file.string()))
            setKey(file, std::string(name.str()), value, config);
    } catch (const toml::parse_error& error) {
        fail(file, error.source(), std::string(error.description()));
    }
}

std::string problemWith(const std::string& option, const std::string& value)
{
    if (option == "listen" && (!value.starts_with("unix:/") || value.size() == std::string("unix:/").size()))
        return "must be unix: and an absolute path, as in unix:/run/hotplugd/hotplugd.sock";
    if ((option == "state-dir" || option == "image-root" || option == "data-center-root") && !value.starts_with("/"))
        return "must be an absolute path";
    if (option == "block-device" && !value.starts_with("/dev/"))
        return "must be a pattern below /dev, as in /dev/mapper/*";
    if (option == "connect" && !value.starts_with("qemu:") && !value.starts_with("qemu+"))
        return "must be a qemu URI, as in qemu:///system";
    if (option == "journal-operations" || option == "journal-events")
        return problemWithNumber(value, 100'000'000);
    if (option == "journal-days")
        return problemWithNumber(value, 36'500);
    if (option == "log-level" && !isLogLevel(value))
        return "must be one of trace, debug, info, warning, error, critical, off";
    return {};
}

} // namespace hotplug
