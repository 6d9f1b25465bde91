#pragma once

#include <json/value.h>
#include <string>
#include <vector>

namespace hotplug::test {

/// What is wrong with a whole JSON-RPC reply to a verb (`hotplugDisk` or `VM.hotplugDisk`), by schema/: the result
/// against the verb's, the error against its kind, its reason and code against the closed list. Empty: nothing.
std::vector<std::string> problemsOf(const std::string& verb, const Json::Value& reply);
std::vector<std::string> problemsOf(const std::string& verb, const std::string& reply);

} // namespace hotplug::test
