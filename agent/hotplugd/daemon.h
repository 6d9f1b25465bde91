#pragma once

#include "config.h"

namespace hotplug {

/// Builds everything, serves until SIGTERM or SIGINT, drains and stops. Returns the exit code: 0 after a graceful
/// stop, 69 (EX_UNAVAILABLE) when libvirt, the journal or the socket cannot be had; the log says why.
int runDaemon(const Config& config);

} // namespace hotplug
