#pragma once

#include "support/wait.h"

#include <string>

namespace hotplug::test {

/// Asks over a link (a bridge, or the other end of a veth pair) who has an IPv4 address, again every 300 ms, and returns
/// the MAC address that answers; empty when nobody does. An answer means that packets pass both ways.
std::string askArp(const std::string& link, const std::string& ip, milliseconds within = patience);

} // namespace hotplug::test
