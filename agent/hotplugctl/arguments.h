#pragma once

#include <json/value.h>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hotplug::ctl {

/// One positional or option of a command: how it is typed, and where its value goes in the verb's params.
struct Option {
    enum class Value { Flag, Text, Number, Address };

    std::string name;                   ///< `--source`; a positional has no dashes: `VM`
    std::string valueName = {};         ///< `PATH` in the help; empty for flags and positionals.
    std::string help = {};
    Value value = Value::Text;
    std::string to = {};                ///< `drive.serial`; empty: the command uses it in its own way.
    Json::Value flagValue = true;       ///< What a flag that was given stands for.
    bool required = false;

    bool isPositional() const { return !name.starts_with('-'); }
};

/// What the user typed for one command.
class Arguments {
public:
    /// A flag that was given is put with an empty text.
    void put(const std::string& name, std::string text) { texts_[name] = std::move(text); }

    bool has(const std::string& name) const { return texts_.contains(name); }
    std::optional<std::string> get(const std::string& name) const;

private:
    std::map<std::string, std::string> texts_;
};

/// Puts every given option where its `to` says. Throws UsageError for a number or address that is none.
void putOptions(Json::Value& params, const std::vector<Option>& options, const Arguments& arguments);

/// Throws UsageError unless exactly one of these options or positionals was given. No names: anything goes.
void requireOneOf(const std::vector<std::string>& names, const Arguments& arguments);

} // namespace hotplug::ctl
