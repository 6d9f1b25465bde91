#pragma once

#include <json/value.h>
#include <optional>
#include <string>
#include <vector>

namespace hotplug::ctl {

/// Strict JSON with an object or array at its root. Empty: it is none, and `problem` says in one line where.
std::optional<Json::Value> parseJson(const std::string& text, std::string& problem);

std::string compactJson(const Json::Value& value);
/// Two spaces per level. All but ASCII is escaped: no terminal takes anything in it for a command.
std::string prettyJson(const Json::Value& value);

/// Look-ups that never throw, whatever shape the daemon's answer has.
const Json::Value& memberOf(const Json::Value& value, const char* key);        ///< Null when there is none.
std::string textOf(const Json::Value& value, const char* key);                 ///< scalarText of the member.
std::vector<Json::Value> elementsOf(const Json::Value& value);                 ///< None unless it is an array.
std::string scalarText(const Json::Value& value);                              ///< "" for null, objects and arrays.

} // namespace hotplug::ctl
