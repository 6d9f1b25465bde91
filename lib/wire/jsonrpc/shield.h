#pragma once

#include "wire/jsonrpc/scanner.h"

#include <json/value.h>

namespace hotplug::wire {

/// What stands before everything that builds memory from a client's bytes: scans them (scanner.h), then parses
/// strictly and once. No comments, no duplicate keys, nothing behind the document; a single value is a document.
/// Numbers that no double can hold are errors, integers above 64 bits become doubles.
/// Throws RpcError with -32700 and nothing else.
Json::Value parseShielded(const std::string& text, const JsonLimits& limits = {});

} // namespace hotplug::wire
