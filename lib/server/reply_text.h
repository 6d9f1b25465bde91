#pragma once

#include "server/endpoint.h"

#include <string>

namespace hotplug::server {

/// A reply of the server itself: one sentence for people.
Reply plainReply(unsigned status, const std::string& sentence);

/// False for 1xx, 204 and 304: HTTP forbids their replies a body.
bool mayHaveBody(unsigned status);

/// The status line and header fields that go before the body, the empty line included.
std::string headOf(const Reply& reply, bool keepAlive);

} // namespace hotplug::server
