#pragma once

#include <iosfwd>
#include <json/value.h>
#include <string>

namespace hotplug::ctl {

/// All of a file, or of standard input for `-`. Throws UsageError when there is nothing to read.
std::string textFrom(const std::string& file, std::istream& in);

/// The same, parsed strictly. Throws UsageError when it is no JSON object or array.
Json::Value jsonFrom(const std::string& file, std::istream& in);

} // namespace hotplug::ctl
