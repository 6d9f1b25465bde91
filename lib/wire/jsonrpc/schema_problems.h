#pragma once

#include "wire/jsonrpc/error.h"

#include <json/value.h>
#include <string>
#include <vector>

namespace hotplug::wire {

/// An error as valijson reports it.
struct RawError {
    std::vector<std::string> context;   ///< `<root>`, `[drive]`, `[iface]`
    std::string description;
};

/// Leaf errors with JSON Pointers and words that say what is allowed. valijson repeats a child's error for each of
/// its parents; those are left out. `schema` is the root, with its definitions.
std::vector<Problem> readable(const std::vector<RawError>& errors, const Json::Value& schema);

/// A JSON Pointer's next step: `/` and the key with ~ and / escaped.
std::string pointerStep(const std::string& key);

} // namespace hotplug::wire
