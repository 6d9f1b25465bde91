#pragma once

#include "hypervisor/event_bus.h"

#include <atomic>
#include <libvirt/libvirt.h>
#include <memory>
#include <semaphore>
#include <thread>
#include <vector>

namespace hotplug {

/// libvirt's event loop on a thread of its own: at most one at a time in a process, and running before the first
/// connection is opened. Keepalive and all callbacks live on it.
class EventLoop {
public:
    EventLoop();
    ~EventLoop();           ///< Takes a few ms; callbacks may run until it returns.
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

private:
    void run();

    std::atomic<bool> stopping_{false};
    std::binary_semaphore stopped_{0};
    int wakeUp_ = -1;
    std::thread thread_;
};

/// Posts what happens to the VMs of one connection until destroyed. Must be destroyed before the connection closes.
class EventRegistration {
public:
    EventRegistration(virConnectPtr connection, const std::shared_ptr<EventBus>& bus);      ///< Throws Unavailable.
    ~EventRegistration();
    EventRegistration(const EventRegistration&) = delete;
    EventRegistration& operator=(const EventRegistration&) = delete;

private:
    void add(int eventId, virConnectDomainEventGenericCallback callback, const std::shared_ptr<EventBus>& bus);
    void removeAll();

    virConnectPtr connection_;
    std::vector<int> callbacks_;
};

} // namespace hotplug
