#pragma once

#include "base/clock.h"

#include <functional>
#include <vector>

namespace hotplug {

/// Our side of systemd's protocol, and the signals that end us. All of it is harmless without systemd.
class Supervisor {
public:
    /// Blocks SIGTERM, SIGINT and SIGHUP for this thread and those it will start: call before any thread is.
    Supervisor();

    /// Sockets that systemd listens on for us (socket activation); empty: make our own.
    std::vector<int> sockets() const;

    void ready();
    void stopping();

    /// Returns on SIGTERM or SIGINT. Feeds systemd's watchdog meanwhile, as long as `healthy` says so.
    void waitForStop(const std::function<bool()>& healthy);
};

} // namespace hotplug
