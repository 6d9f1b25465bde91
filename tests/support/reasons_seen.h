#pragma once

#include <json/value.h>
#include <string>

namespace hotplug::test {

/// Remembers the reason of an error that a real call was answered with (SPEC R6).
void noteReason(const std::string& verb, const Json::Value& error);

/// A table of all reasons: which verb was answered with it, how often, with which sentence first.
std::string reasonsSeen();

} // namespace hotplug::test
