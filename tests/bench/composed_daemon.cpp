#include "bench/composed_daemon.h"

#include "hypervisor/libvirt_hypervisor.h"

namespace hotplug::bench {

ComposedDaemon::ComposedDaemon(const test::TestHost& host)
    : journal_(openJournal(host.stateDir())),
      libvirt_(connectLibvirt({.uri = host.uri()})),
      hypervisor_(metered(*libvirt_, meter_)),
      storage_({.imageRoots = {host.imageRoot()}, .blockDevices = {}, .dataCenterRoot = {}}),
      operations_(*hypervisor_, *journal_),
      timelyReads_(*hypervisor_),
      guestReads_(*hypervisor_),
      sourceUsers_(timelyReads_, storage_),
      context_{timelyReads_, storage_, network_, operations_, *journal_, guestReads_, sourceUsers_, sourceClaims_,
          lifecycleCalls_},
      endpoint_(wire::makeRpcEndpoint(context_, {"bench", host.uri(), {host.imageRoot()}})),
      server_(*endpoint_)
{
    operations_.recover();
    server_.listen(server::UnixListener::create({host.socket(), 0600, {}}));
    server_.start();
}

ComposedDaemon::~ComposedDaemon()
{
    journal_->wakeWaiters();
    operations_.stop(std::chrono::seconds(10));
    server_.stop(Clock::now() + std::chrono::seconds(1));
}

} // namespace hotplug::bench
