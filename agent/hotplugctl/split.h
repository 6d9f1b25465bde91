#pragma once

#include <string>
#include <vector>

namespace hotplug::ctl {

/// The parts between separators, empty ones too; at least one.
std::vector<std::string> split(const std::string& text, char separator);

} // namespace hotplug::ctl
