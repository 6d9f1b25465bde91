#pragma once

#include "config.h"
#include "hypervisor/hypervisor.h"
#include "journal/journal.h"

#include <functional>
#include <memory>

namespace hotplug {

/// The two things outside us that the daemon changes, and how it comes by them.
struct Foundations {
    std::function<std::unique_ptr<Journal>(const Config&)> openJournal;
    std::function<std::unique_ptr<Hypervisor>(const Config&)> connect;
};

/// The journal in the state directory, and libvirt.
Foundations realFoundations();

/// Builds everything, serves until SIGTERM or SIGINT, drains and stops. Returns the exit code: 0 after a graceful
/// stop, 69 (EX_UNAVAILABLE) when libvirt or the socket cannot be had or another hotplugd has the journal; the log says
/// why. A journal that cannot be used is no reason to stop: reads are answered, changes refused.
int runDaemon(const Config& config, const Foundations& foundations = realFoundations());

} // namespace hotplug
