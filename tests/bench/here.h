#pragma once

#include "bench/bare_libvirt.h"
#include "bench/client.h"
#include "bench/composed_daemon.h"
#include "support/test_host.h"

namespace hotplug::bench {

/// hotplugd and bare libvirt side by side in this process, on one embedded libvirt.
struct Here {
    test::TestHost host;
    ComposedDaemon daemon{host};
    BareLibvirt bare{host.uri()};
    Client client{host.socket()};
};

/// Made when first asked for: a process can have but one.
Here& here();
/// Ends it, before main does.
void leaveHere();

} // namespace hotplug::bench
