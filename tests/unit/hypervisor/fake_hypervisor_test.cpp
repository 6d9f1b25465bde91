// The fake's scripts, on which the tests of operations rest. Its port is tried by the contract suite.
#include "support/catch.h"
#include "support/fake_hypervisor.h"

#include <thread>

using namespace hotplug;
using namespace hotplug::test;

namespace {

const std::string vmXml = "<domain type='qemu'><name>vm1</name><memory unit='MiB'>64</memory><os><type>hvm</type></os>"
    "<devices><disk type='file' device='disk'><source file='/a.img'/><target dev='vda' bus='virtio'/>"
    "<alias name='ua-a'/></disk></devices></domain>";
const std::string diskXml = "<disk type='file' device='disk'><source file='/b.img'/><target dev='vdb' bus='virtio'/>"
    "<alias name='ua-b'/></disk>";
const Alias a("ua-a"), b("ua-b");

struct Fixture {
    FakeHypervisor fake{FakeHypervisor::Delivery::Manual};
    Uuid vm = fake.addVm(vmXml);
    std::vector<Event> events;
    std::unique_ptr<Hypervisor::Subscription> subscription
        = fake.subscribe([this](const Event& event) { events.push_back(event); });

    bool live(const Alias& alias) { return fake.read(vm).live.value().find(alias.str()) != std::string::npos; }
    std::optional<ErrorKind> unplug(const Alias& alias)
    {
        return kindOf([&] { fake.detach(vm, Scope::Live, alias); });
    }
    template<typename Action> static std::optional<ErrorKind> kindOf(Action action)
    {
        try {
            action();
            return std::nullopt;
        } catch (const HypervisorError& error) {
            return error.kind();
        }
    }
};

} // namespace

TEST_CASE_METHOD(Fixture, "K1: an obedient guest lets go at once, and the event waits for deliverEvents")
{
    CHECK_FALSE(unplug(a));
    CHECK_FALSE(live(a));
    CHECK(events.empty());
    CHECK(fake.deliverEvents() == 1);
    REQUIRE(events.size() == 1);
    CHECK(events.front().kind == Event::Kind::DeviceRemoved);
    CHECK(events.front().alias == a);
}

TEST_CASE_METHOD(Fixture, "K2: a guest is busy, then pending, then lets go, as scripted")
{
    fake.scriptUnplug(vm, {.busy = 2, .asks = 0, .repeatsRefused = true});
    CHECK(unplug(a) == ErrorKind::GuestBusy);
    CHECK(unplug(a) == ErrorKind::GuestBusy);
    CHECK_FALSE(unplug(a));
    CHECK(unplug(a) == ErrorKind::AlreadyUnplugging);
    CHECK(live(a));

    fake.completeUnplug(vm, a);
    CHECK_FALSE(live(a));
    CHECK(unplug(a) == ErrorKind::DeviceMissing);
}

TEST_CASE_METHOD(Fixture, "K2: a guest may need to be asked again, and its event may be lost")
{
    fake.scriptUnplug(vm, {.asks = 3, .event = false}, a);
    for (int ask = 0; ask < 3; ++ask) {
        CHECK(live(a));
        CHECK_FALSE(unplug(a));
    }
    CHECK_FALSE(live(a));
    CHECK(fake.deliverEvents() == 0);
}

TEST_CASE_METHOD(Fixture, "K3: a paused guest answers when it is resumed")
{
    fake.pause(vm);
    CHECK_FALSE(unplug(a));
    CHECK(live(a));
    fake.resume(vm);
    CHECK_FALSE(live(a));
}

TEST_CASE_METHOD(Fixture, "K4: a call fails before, after or long before it takes effect")
{
    const auto attach = [&] { return kindOf([&] { fake.attach(vm, Scope::Live, diskXml); }); };
    SECTION("before, and only the call it was scripted for")
    {
        fake.failNext(Method::Attach, ErrorKind::Unavailable, Effect::None, 2);
        CHECK_FALSE(attach());
        CHECK(attach() == ErrorKind::Unavailable);
    }
    SECTION("after")
    {
        fake.failNext(Method::Attach, ErrorKind::Unavailable, Effect::Done);
        CHECK(attach() == ErrorKind::Unavailable);
        CHECK(live(b));
    }
    SECTION("landing behind the barrier")
    {
        fake.failNext(Method::Attach, ErrorKind::Unavailable, Effect::Late);
        CHECK(attach() == ErrorKind::Unavailable);
        CHECK_FALSE(live(b));
        fake.writeRecords(vm, Scope::Live, "<vm/>");
        CHECK(live(b));
    }
}

TEST_CASE_METHOD(Fixture, "K6: while QEMU hangs changes block and reads do not")
{
    fake.hang(vm);
    std::optional<ErrorKind> result;
    std::thread changer([&] { result = unplug(a); });
    while (fake.blocked() == 0)
        std::this_thread::yield();
    CHECK(live(a));

    SECTION("until it goes on")
    {
        fake.release(vm);
        changer.join();
        CHECK_FALSE(result);
        CHECK_FALSE(live(a));
    }
    SECTION("until libvirt is gone")
    {
        fake.disconnect();
        changer.join();
        CHECK(result == ErrorKind::Unavailable);
    }
    SECTION("until somebody kills it")
    {
        fake.destroy(vm);
        changer.join();
        CHECK(result == ErrorKind::NotRunning);
    }
}

TEST_CASE_METHOD(Fixture, "K7: while libvirt is gone every call is Unavailable and events are lost")
{
    fake.disconnect();
    CHECK(kindOf([&] { fake.read(vm); }) == ErrorKind::Unavailable);
    fake.completeUnplug(vm, a);
    fake.reconnect();
    CHECK_FALSE(live(a));
    fake.deliverEvents();
    REQUIRE(events.size() == 2);
    CHECK(events[0].kind == Event::Kind::Disconnected);
    CHECK(events[1].kind == Event::Kind::Connected);
}

TEST_CASE_METHOD(Fixture, "K6: calls are counted and logged in order with how they ended")
{
    static_cast<void>(unplug(b));
    fake.attach(vm, Scope::Both, diskXml);
    CHECK(fake.count(Method::Attach) == 1);
    CHECK(fake.count(Method::Detach, vm) == 1);
    const auto calls = fake.calls();
    REQUIRE(calls.size() == 2);
    CHECK(calls[0].detail == "ua-b");
    CHECK(calls[0].error == ErrorKind::DeviceMissing);
    CHECK(calls[1].scope == Scope::Both);
    CHECK_FALSE(calls[1].error);
}
