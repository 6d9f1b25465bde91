#pragma once

#include "base/clock.h"
#include "model/source.h"

namespace hotplug {

/// Whether a server of the volume answers: one of its hosts takes a connection, and an nbd server greets. QEMU waits
/// for ever for one that does not, and its guest with it. Hosts and their addresses are tried in turn, each for its share
/// of the time. Blocks until the deadline at most, but for the resolver of host names.
bool serverAnswers(const NetworkVolume& volume, Clock::time_point deadline);

} // namespace hotplug
