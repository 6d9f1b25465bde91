#pragma once

#include "verbs/verbs.h"

#include <json/value.h>

/// Operations and events as schema/ describes them.
namespace hotplug::wire {

/// An operation of `listOperations`.
Json::Value listedOperation(const verbs::OperationView& view);

/// The same as members of `result`, with the timeline, and with deviceId when there is one device.
void addOperation(Json::Value& result, const verbs::OperationView& view);

/// `events` and `cursor`.
void addEvents(Json::Value& result, const verbs::EventPage& page);

/// 64 bits are more than a JSON number carries everywhere.
std::string cursorText(std::uint64_t cursor);

} // namespace hotplug::wire
