#pragma once

#include "bench/metered_hypervisor.h"
#include "hypervisor/timely_reads.h"
#include "journal/journal.h"
#include "network/network.h"
#include "operation/operations.h"
#include "server/http_server.h"
#include "storage/storage.h"
#include "support/test_host.h"
#include "verbs/verbs.h"
#include "wire/vdsm/methods.h"

#include <memory>

namespace hotplug::bench {

/// hotplugd as its daemon.cpp composes it, down to the socket, but inside this process and with a meter at the port:
/// an embedded libvirt has room for one process, and bare calls have to be made of the same one. While it lives its
/// event loop serves all of this process's connections to libvirt.
class ComposedDaemon {
public:
    explicit ComposedDaemon(const test::TestHost& host);
    ~ComposedDaemon();
    ComposedDaemon(const ComposedDaemon&) = delete;
    ComposedDaemon& operator=(const ComposedDaemon&) = delete;

    Meter& meter() { return meter_; }

private:
    Meter meter_;
    std::unique_ptr<Journal> journal_;
    std::unique_ptr<Hypervisor> libvirt_, hypervisor_;
    Storage storage_;
    Network network_;
    Operations operations_;
    TimelyReads timelyReads_;
    verbs::GuestReads guestReads_;
    verbs::SourceUsers sourceUsers_;
    verbs::SourceClaims sourceClaims_;
    BoundedCalls lifecycleCalls_{"lifecycle", verbs::lifecycleLimits};
    verbs::Context context_;
    std::unique_ptr<wire::RpcEndpoint> endpoint_;
    server::HttpServer server_;
};

} // namespace hotplug::bench
