#include "background.h"
#include "guests.h"
#include "requests.h"
#include "support/bridge.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/test_vm.h"
#include "watch.h"

#include <cstdio>
#include <list>
#include <map>
#include <thread>

// Guests that take their time, have none yet, or do as they like.

using namespace hotplug::test;
using hotplug::Clock;

namespace {

/// With a disk and a NIC that the guest has greeted; unplugging them takes it 5 s.
struct SlowGuest {
    explicit SlowGuest(TestHost& host) : daemon(host), vm(daemon, {.edit = useNativeHotplug})
    {
        vm.boot();
        disk = plug("hotplugDisk", drive(makeRaw(host.imageRoot() / "d.img"), {{"deviceId", "d"}, {"serial", "SLOW"}}),
            "add disk");
        card = plug("hotplugNic", nic(bridge.name(), {{"deviceId", "n"}}), "add nic");
        diskUnplug = askToLeave("hotunplugDisk", "d");
        cardUnplug = askToLeave("hotunplugNic", "n");
    }

    GuestLine plug(const char* verb, const Json::Value& params, const char* words)
    {
        const auto mark = vm.console().mark();
        vm.must(verb, params);
        return vm.console().waitFor(mark, words);
    }

    std::string askToLeave(const char* verb, const char* device)
    {
        const auto reply = vm.call(verb, with(deviceId(device), {{"timeout", 100}}));
        INFO(reply.text());
        CHECK(reply.outcome() == "pending");
        return idOf(reply);
    }

    std::future<Json::Value> joinInBackground(const char* verb, const char* device)
    {
        return inBackground(daemon, verb, with(deviceId(device), {{"vmId", vm.id()}}));
    }

    void requireGone(const char* device)
    {
        CHECK(vm.device(device).isNull());
        CHECK((vm.liveXml() + vm.configXml()).find(std::string("ua-") + device + "'") == std::string::npos);
    }

    Bridge bridge;
    Hotplugd daemon;
    TestVm vm;
    GuestLine disk, card;
    std::string diskUnplug, cardUnplug;
};

/// A guest that is given a disk to keep and one to lose, and asked for it again, in its first second.
class StartingGuest {
public:
    StartingGuest(TestHost& host, Hotplugd& daemon, std::chrono::milliseconds delay)
        : daemon_(daemon), vm_(daemon), mark_(vm_.console().mark())
    {
        vm_.start();
        std::this_thread::sleep_for(delay);                     // the guest gets on with its start meanwhile
        for (const auto* name : {"kept", "lost"})
            vm_.must("hotplugDisk",
                drive(makeRaw(host.imageRoot() / (name + vm_.name())), {{"deviceId", name}, {"serial", name}}));
        unplug_ = inBackground(daemon, "hotunplugDisk", object({{"vmId", vm_.id()}, {"deviceId", "lost"}}));
    }

    /// How the unplug was answered, once it has ended and hotplugd, libvirt and the guest tell the same story of it.
    std::string answer()
    {
        vm_.console().waitFor(mark_, "ready");
        const auto reply = unplug_.get();
        const bool done = reply.isMember("result");
        const auto& told = done ? reply["result"] : reply["error"]["data"];
        CHECK(endOf(daemon_, told["operationId"].asString(), 60s) == "done");
        requireAgreement();
        return done ? "done" : told["outcome"].asString();
    }

private:
    void requireAgreement()
    {
        CHECK(vm_.device("lost").isNull());
        CHECK((vm_.liveXml() + vm_.configXml()).find("ua-lost") == std::string::npos);
        CHECK(vm_.guestDevices("disk", {{"serial", "lost"}}).empty());
        CHECK(vm_.device("kept")["state"] == "plugged");
        CHECK(vm_.guestDevices("disk", {{"serial", "kept"}}).size() == 1);
    }

    Hotplugd& daemon_;
    TestVm vm_;
    const Console::Mark mark_;
    std::future<Json::Value> unplug_;
};

} // namespace

TEST_CASE("K3: a guest that is paused with unplugs of a disk and a NIC pending completes both once it is resumed",
    "[integration]")
{
    TestHost host;
    SlowGuest guest(host);
    const auto mark = guest.vm.console().mark();
    guest.vm.pause();
    for (const auto* device : {"d", "n"})
        CHECK(guest.vm.device(device)["state"] == "unplugging");
    CHECK(guest.askToLeave("hotunplugDisk", "d") == guest.diskUnplug);          // the second joins the first
    CHECK(guest.vm.console().lines(mark, "del").empty());

    guest.vm.resume();
    CHECK(endOf(guest.daemon, guest.diskUnplug) == "done");
    CHECK(endOf(guest.daemon, guest.cardUnplug) == "done");
    guest.vm.console().waitFor(mark, "del disk", {{"serial", "SLOW"}});
    guest.vm.console().waitFor(mark, "del nic", {{"mac", guest.card["mac"]}});
    for (const auto* device : {"d", "n"})
        guest.requireGone(device);
}

TEST_CASE("K3 K8: a guest that ejects a device whose unplug is pending has answered it", "[integration]")
{
    TestHost host;
    SlowGuest guest(host);
    const Watch watch(guest.daemon);
    const auto mark = guest.vm.console().mark();
    for (const auto& address : {guest.disk["address"], guest.card["address"]})
        guest.vm.tell("eject " + address);
    guest.vm.console().waitFor(mark, "del disk", {{"serial", "SLOW"}});
    guest.vm.console().waitFor(mark, "del nic", {{"mac", guest.card["mac"]}});
    CHECK(endOf(guest.daemon, guest.diskUnplug) == "done");
    CHECK(endOf(guest.daemon, guest.cardUnplug) == "done");
    for (const auto* device : {"d", "n"})
        guest.requireGone(device);
    const auto events = guest.daemon.must("watchEvents", object({{"after", watch.cursor()}, {"timeout", 0}}))["events"];
    for (const auto& event : events)
        CHECK(event["kind"] != "drift");
}

TEST_CASE("K2: a guest that waits 5 s over the button is waited for within the deadline", "[integration]")
{
    TestHost host;
    SlowGuest guest(host);
    const auto start = Clock::now();
    auto disk = guest.joinInBackground("hotunplugDisk", "d"), card = guest.joinInBackground("hotunplugNic", "n");
    CHECK(disk.get()["result"]["operationId"] == guest.diskUnplug);
    CHECK(card.get()["result"]["operationId"] == guest.cardUnplug);
    std::printf("a native PCIe guest let go of a disk and a NIC after %.1f s\n",
        std::chrono::duration<double>(Clock::now() - start).count());
    for (const auto& id : {guest.diskUnplug, guest.cardUnplug}) {
        const auto ended = operationAt(guest.daemon, id);
        CHECK(ended["outcome"] == "done");
        auto kinds = kindsOf(ended["timeline"]);
        std::erase(kinds, "busy");                              // asked again, it may just be blinking
        CHECK(kinds == Kinds{"started", "requested", "pending", "done"});
    }
}

TEST_CASE("K3 A1: without a system in the guest SCSI disks come and go, and PCI devices wait for one", "[integration]")
{
    TestHost host;
    Bridge bridge;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.edit = removeSystem});
    vm.start();
    const auto scsi = drive(makeRaw(host.imageRoot() / "s"), {{"deviceId", "s"}, {"iface", "scsi"}});
    vm.must("hotplugDisk", scsi);
    vm.must("hotunplugDisk", scsi);
    CHECK(vm.device("s").isNull());

    vm.must("hotplugDisk", drive(makeRaw(host.imageRoot() / "v"), {{"deviceId", "v"}}));
    vm.must("hotplugNic", nic(bridge.name(), {{"deviceId", "n"}}));
    const auto disk = vm.call("hotunplugDisk", with(deviceId("v"), {{"timeout", 300}}));
    const auto card = vm.call("hotunplugNic", with(deviceId("n"), {{"timeout", 300}}));
    CHECK(disk.outcome() == "pending");
    CHECK(card.outcome() == "pending");
    vm.must("hotplugDisk", scsi);                               // still
    vm.must("hotunplugDisk", scsi);

    vm.monitor().execute("system_reset");
    CHECK(endOf(daemon, idOf(disk)) == "done");
    CHECK(endOf(daemon, idOf(card)) == "done");
    CHECK(vm.liveXml().find("ua-") == std::string::npos);
    CHECK(vm.configXml().find("ua-") == std::string::npos);
}

namespace {

void plugWhileBooting(int rounds)
{
    constexpr int atOnce = 4;
    TestHost host;
    Hotplugd daemon(host);
    std::map<std::string, int> answers;
    for (int round = 0; round < rounds; ++round) {
        std::list<StartingGuest> guests;
        for (int i = 0; i < atOnce; ++i)
            guests.emplace_back(host, daemon, (round * atOnce + i) * 50ms);
        for (auto& guest : guests)
            ++answers[guest.answer()];
    }
    for (const auto& [answer, count] : answers)
        std::printf("unplugs in the first second of a guest that were answered %s: %d\n", answer.c_str(), count);
}

} // namespace

TEST_CASE("K2 K3: plugs and unplugs in the first second of a guest end as hotplugd says", "[integration]")
{
    plugWhileBooting(2);
}

TEST_CASE("K2 K3: the same, twenty times", "[.long]")
{
    plugWhileBooting(5);
}
