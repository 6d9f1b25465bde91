#include "hypervisor/event_bus.h"
#include "support/catch.h"

#include <atomic>
#include <thread>

using namespace hotplug;

namespace {

const Event removal{.kind = Event::Kind::DeviceRemoved, .vm = {}, .alias = Alias("ua-1")};

} // namespace

TEST_CASE("K1: every subscriber sees every event until its subscription ends")
{
    EventBus bus;
    int first = 0, second = 0;
    auto one = bus.subscribe([&](const Event& event) { first += event.alias.str() == "ua-1"; });
    const auto two = bus.subscribe([&](const Event&) { ++second; });

    bus.post(removal);
    one.reset();
    bus.post(removal);

    CHECK(first == 1);
    CHECK(second == 2);
}

TEST_CASE("K1: ending a subscription waits for the handler that runs")
{
    EventBus bus;
    std::atomic<bool> entered{false}, left{false};
    auto subscription = bus.subscribe([&](const Event&) {
        entered = true;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        left = true;
    });
    std::thread poster([&] { bus.post(removal); });
    while (!entered)
        std::this_thread::yield();

    subscription.reset();

    CHECK(left);
    poster.join();
}

TEST_CASE("K1: a subscription may outlive the bus")
{
    auto bus = std::make_unique<EventBus>();
    const auto subscription = bus->subscribe([](const Event&) {});
    bus.reset();
    SUCCEED("its destructor runs after this");
}

TEST_CASE("K1: subscribing is possible while a handler runs")
{
    EventBus bus;
    std::unique_ptr<Hypervisor::Subscription> late;
    int seen = 0;
    const auto first = bus.subscribe([&](const Event&) {
        if (!late)
            late = bus.subscribe([&](const Event&) { ++seen; });
    });
    bus.post(removal);
    bus.post(removal);
    CHECK(seen == 1);
}
