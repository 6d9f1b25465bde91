#include "hotplugctl/commands.h"
#include "hotplugctl/format/json_text.h"
#include "support/catch.h"

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace hotplug::ctl;
namespace fs = std::filesystem;

namespace {

const fs::path schemaFolder = fs::path(HOTPLUGD_SOURCE_DIR) / "schema";

Json::Value readSchema(const fs::path& file)
{
    INFO(file);
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    std::string problem;
    const auto schema = parseJson(text.str(), problem);
    INFO(problem);
    REQUIRE(schema);
    return *schema;
}

/// The keys that a verb takes, whatever its form.
std::set<std::string> paramsOf(const std::string& verb)
{
    const Json::Value schema = readSchema(schemaFolder / "verbs" / (verb + ".json"));
    std::set<std::string> keys;
    for (const Json::Value& form : schema["forms"]) {
        for (const std::string& key : form["properties"].getMemberNames())
            keys.insert(key);
    }
    for (const std::string& key : schema["params"]["properties"].getMemberNames())
        keys.insert(key);
    return keys;
}

/// Whether a dictionary has a key such as `auth.username`.
bool hasKey(const Json::Value& definitions, const Json::Value& dictionary, const std::string& path)
{
    if (dictionary.isMember("$ref"))
        return hasKey(definitions, definitions[fs::path(dictionary["$ref"].asString()).filename().string()], path);
    const auto dot = path.find('.');
    const Json::Value& found = dictionary["properties"][path.substr(0, dot)];
    return dot == std::string::npos ? !found.isNull() : hasKey(definitions, found, path.substr(dot + 1));
}

} // namespace

TEST_CASE("W: every verb of the schema has a command of its own, and every command a verb of the schema")
{
    std::set<std::string> verbs;
    for (const auto& file : fs::directory_iterator(schemaFolder / "verbs"))
        verbs.insert(file.path().stem());
    CHECK(commandVerbs() == verbs);
}

TEST_CASE("W: every option goes where the schema has a key")
{
    const Json::Value definitions = readSchema(schemaFolder / "definitions.json")["definitions"];
    for (const Command& command : allCommands()) {
        for (const Option& option : command.options) {
            if (option.to.empty())
                continue;
            INFO(command.name << ' ' << option.name << " to " << option.to);
            const auto dot = option.to.find('.');
            const std::string key = option.to.substr(0, dot);
            CHECK(paramsOf(command.verbs.front()).contains(key));
            if (dot != std::string::npos)
                CHECK(hasKey(definitions, definitions[key], option.to.substr(dot + 1)));
        }
    }
}

TEST_CASE("R3: the commands that wait patiently are those whose verb takes a timeout")
{
    for (const Command& command : allCommands()) {
        INFO(command.name);
        if (!command.verbs.empty())
            CHECK((command.pace == Pace::Patient) == paramsOf(command.verbs.front()).contains("timeout"));
    }
}
