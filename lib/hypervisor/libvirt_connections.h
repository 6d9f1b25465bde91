#pragma once

#include "hypervisor/event_bus.h"
#include "hypervisor/libvirt_hypervisor.h"

#include <libvirt/libvirt.h>
#include <memory>
#include <thread>

namespace hotplug {

/// A connection in use: whoever holds it keeps it open, also when it has been replaced meanwhile.
using Connection = std::shared_ptr<virConnect>;

/// All connections to one libvirt: some for reads, some for changes, some for asking QEMU, one for events; each is one
/// call's at a time. They are opened, lost and replaced together; a thread of their own reconnects with back-off and posts
/// Disconnected and Connected. Thread-safe. An EventLoop must run longer than this lives.
class Connections {
public:
    Connections(const LibvirtOptions& options, std::shared_ptr<EventBus> bus);      ///< Throws Unavailable.
    /// Interrupts the back-off. A connection attempt that hangs is left behind and closes what it gets.
    ~Connections();
    Connections(const Connections&) = delete;
    Connections& operator=(const Connections&) = delete;

    /// Until the last holder lets go, who must not wait for another one meanwhile. They wait when all of their kind are in
    /// use, and throw Unavailable while libvirt is lost.
    Connection forReading() const;
    Connection forChanging() const;
    Connection forAskingQemu() const;       ///< For reads that hang with it.

    bool connected() const;

    /// A call on this connection failed and found it broken: replace them all, unless that has happened already.
    void reportBroken(const Connection& connection);

private:
    struct Set;
    class State;

    std::shared_ptr<State> state_;
    std::thread keeper_;
};

} // namespace hotplug
