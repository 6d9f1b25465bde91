#include "wire/jsonrpc/schema_problems.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

namespace hotplug::wire {

namespace {

using Keys = std::vector<std::string>;

// `[drive]` -> `drive`; the root has no step.
Keys keysOf(const RawError& error)
{
    Keys keys;
    for (std::size_t i = 1; i < error.context.size(); ++i)
        keys.push_back(error.context[i].substr(1, error.context[i].size() - 2));
    return keys;
}

std::string pointer(const Keys& keys)
{
    std::string text;
    for (const auto& key : keys)
        text += pointerStep(key);
    return text;
}

bool repeatsAChild(const RawError& error)
{
    constexpr std::string_view repeats[] = {
        "Failed to validate against schema associated with property name",
        "Failed to validate against child schema",
        "Failed to validate item #",
        "Failed to validate against additional properties schema",
        "Failed to validate against all",
    };
    return std::ranges::any_of(repeats, [&](auto start) { return error.description.starts_with(start); });
}

// valijson writes the name of a missing or unwanted key behind `before`, then a quote and a full stop.
std::optional<std::string> keyBehind(std::string_view before, const std::string& description)
{
    constexpr std::size_t quoteAndStop = 2;
    const auto found = description.find(before);
    if (found == std::string::npos)
        return std::nullopt;
    auto key = description.substr(found + before.size());
    key.resize(key.size() < quoteAndStop ? 0 : key.size() - quoteAndStop);
    return key;
}

const Json::Value* follow(const Json::Value& root, const Json::Value* schema)
{
    constexpr std::string_view local = "#/definitions/";
    while (schema && schema->isMember("$ref")) {
        const auto target = (*schema)["$ref"].asString();
        schema = target.starts_with(local) ? &root["definitions"][target.substr(local.size())] : nullptr;
    }
    return schema;
}

const Json::Value* child(const Json::Value& root, const Json::Value* schema, const std::string& key)
{
    schema = follow(root, schema);
    if (!schema || !schema->isObject())
        return nullptr;
    if ((*schema)["properties"].isMember(key))
        return &(*schema)["properties"][key];
    for (const auto& part : (*schema)["allOf"])
        if (const auto* found = child(root, &part, key))
            return found;
    return schema->isMember("items") ? &(*schema)["items"] : nullptr;
}

// The part of the schema that speaks about a value, empty where that is not one plain part.
const Json::Value& partFor(const Json::Value& root, const Keys& keys)
{
    const auto* schema = &root;
    for (const auto& key : keys)
        schema = child(root, schema, key);
    schema = follow(root, schema);
    return schema && schema->isObject() ? *schema : Json::Value::nullSingleton();
}

std::string listOf(const Json::Value& values, std::string_view lastWord)
{
    if (!values.isArray())
        return values.asString();
    std::string text;
    for (Json::ArrayIndex i = 0; i < values.size(); ++i) {
        if (i > 0)
            text += i + 1 == values.size() ? fmt::format(" {} ", lastWord) : ", ";
        text += values[i].asString();
    }
    return text;
}

std::string inWords(const std::string& description, const Json::Value& part)
{
    if (description.starts_with("Value type not permitted") && part.isMember("type"))
        return "must be of type " + listOf(part["type"], "or");
    if (description.starts_with("Failed to match against any enum") && part.isMember("enum"))
        return "must be " + listOf(part["enum"], "or");
    if (part.isMember("maxItems") && description.starts_with("Array should contain"))
        return fmt::format("must have {} to {} entries", part["minItems"].asUInt(), part["maxItems"].asUInt());
    if (part.isMember("minimum") && description.starts_with("Expected number"))
        return fmt::format("must be from {} to {}", part["minimum"].asString(), part["maximum"].asString());
    return description;
}

std::optional<Problem> problemOf(const RawError& error, const Json::Value& schema)
{
    if (repeatsAChild(error))
        return std::nullopt;
    const auto keys = keysOf(error);
    if (const auto key = keyBehind("Missing required property '", error.description))
        return Problem{pointer(keys) + pointerStep(*key), "is required", false};
    if (const auto key = keyBehind("'additionalProperties' constraints: '", error.description))
        return Problem{pointer(keys) + pointerStep(*key), "is not a key known here", true};
    return Problem{pointer(keys), inWords(error.description, partFor(schema, keys)), false};
}

} // namespace

std::string pointerStep(const std::string& key)
{
    std::string step = "/";
    for (const char c : key)
        step += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return step;
}

std::vector<Problem> readable(const std::vector<RawError>& errors, const Json::Value& schema)
{
    std::vector<Problem> problems;
    for (const auto& error : errors) {
        const auto problem = problemOf(error, schema);
        const auto same = [&](const Problem& other) { return other.at == problem->at; };
        if (problem && std::ranges::none_of(problems, same))
            problems.push_back(*problem);
    }
    if (problems.empty() && !errors.empty())
        problems.push_back({pointer(keysOf(errors.front())), errors.front().description, false});
    return problems;
}

} // namespace hotplug::wire
