#include "hypervisor/event_bus.h"

#include "base/log.h"

namespace hotplug {

struct EventBus::Subscriber {
    std::mutex mutex;
    std::function<void(const Event&)> handle;       ///< Empty: the subscription has ended.
};

class EventBus::Ticket : public Hypervisor::Subscription {
public:
    explicit Ticket(std::shared_ptr<Subscriber> subscriber) : subscriber_(std::move(subscriber)) {}
    ~Ticket() override
    {
        const std::lock_guard lock(subscriber_->mutex);
        subscriber_->handle = nullptr;
    }

private:
    std::shared_ptr<Subscriber> subscriber_;
};

std::unique_ptr<Hypervisor::Subscription> EventBus::subscribe(std::function<void(const Event&)> handle)
{
    auto subscriber = std::make_shared<Subscriber>();
    subscriber->handle = std::move(handle);
    const std::lock_guard lock(mutex_);
    std::erase_if(subscribers_, [](const auto& known) { return known.expired(); });
    subscribers_.push_back(subscriber);
    return std::make_unique<Ticket>(std::move(subscriber));
}

void EventBus::post(const Event& event)
{
    auto subscribers = [&] {
        const std::lock_guard lock(mutex_);
        return subscribers_;
    }();
    for (const auto& known : subscribers) {
        const auto subscriber = known.lock();
        if (!subscriber)
            continue;
        const std::lock_guard lock(subscriber->mutex);
        if (subscriber->handle)
            guarded("hypervisor event handler", [&] { subscriber->handle(event); });
    }
}

} // namespace hotplug
