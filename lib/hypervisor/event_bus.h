#pragma once

#include "hypervisor/hypervisor.h"

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace hotplug {

/// Hands events to whoever has subscribed. Thread-safe; each handler sees one call at a time. Subscribing never waits
/// for a running handler, ending a subscription does (and so must not be done by the handler itself).
class EventBus {
public:
    std::unique_ptr<Hypervisor::Subscription> subscribe(std::function<void(const Event&)> handle);

    /// Calls every handler on the calling thread. One that throws is logged as INTERNAL.
    void post(const Event& event);

private:
    struct Subscriber;
    class Ticket;

    std::mutex mutex_;
    std::vector<std::weak_ptr<Subscriber>> subscribers_;
};

} // namespace hotplug
