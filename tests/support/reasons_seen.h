#pragma once

#include <json/value.h>
#include <string>
#include <vector>

namespace hotplug::test {

/// Remembers the reason of an error that a real call was answered with (SPEC R6).
void noteReason(const std::string& verb, const Json::Value& error);

/// A table of all reasons: which verb was answered with it, how often, with which sentence first.
std::string reasonsSeen();

/// In words: each reason without a real call, but those that are out of a normal run's reach; and each of these that a
/// call was answered with all the same. To be asked when all tests have run.
std::vector<std::string> reasonsWanting();

} // namespace hotplug::test
