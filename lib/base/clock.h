#pragma once

#include <chrono>

namespace hotplug {

/// Monotonic time; deadlines never move when somebody sets the wall clock.
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

} // namespace hotplug
