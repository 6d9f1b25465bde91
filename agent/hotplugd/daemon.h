#pragma once

#include "config.h"

namespace hotplug {

/// Builds everything, serves until SIGTERM or SIGINT, drains and stops. Returns the exit code: 0 after a graceful
/// stop, 69 (EX_UNAVAILABLE) when libvirt or the socket cannot be had or another hotplugd has the journal; the log says
/// why. A journal that cannot be used is no reason to stop: reads are answered, changes refused.
int runDaemon(const Config& config);

} // namespace hotplug
