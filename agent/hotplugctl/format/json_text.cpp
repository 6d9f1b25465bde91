#include "hotplugctl/format/json_text.h"

#include <algorithm>
#include <json/reader.h>
#include <json/writer.h>
#include <memory>

namespace hotplug::ctl {

namespace {

std::string written(const Json::Value& value, const char* indentation)
{
    Json::StreamWriterBuilder builder;
    builder["indentation"] = indentation;
    return Json::writeString(builder, value);
}

} // namespace

std::optional<Json::Value> parseJson(const std::string& text, std::string& problem)
{
    Json::CharReaderBuilder builder;
    Json::CharReaderBuilder::strictMode(&builder.settings_);
    const std::unique_ptr<Json::CharReader> reader(builder.newCharReader());
    Json::Value value;
    try {
        if (reader->parse(text.data(), text.data() + text.size(), &value, &problem))
            return value;
    } catch (const Json::Exception& error) {            // too deep
        problem = error.what();
    }
    std::ranges::replace(problem, '\n', ' ');
    return std::nullopt;
}

std::string compactJson(const Json::Value& value)
{
    return written(value, "");
}

std::string prettyJson(const Json::Value& value)
{
    return written(value, "  ");
}

const Json::Value& memberOf(const Json::Value& value, const char* key)
{
    return value.isObject() ? value[key] : Json::Value::nullSingleton();
}

std::string textOf(const Json::Value& value, const char* key)
{
    return scalarText(memberOf(value, key));
}

std::vector<Json::Value> elementsOf(const Json::Value& value)
{
    return value.isArray() ? std::vector<Json::Value>(value.begin(), value.end()) : std::vector<Json::Value>{};
}

std::string scalarText(const Json::Value& value)
{
    return value.isObject() || value.isArray() ? "" : value.asString();
}

} // namespace hotplug::ctl
