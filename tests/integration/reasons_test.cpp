#include "background.h"
#include "requests.h"
#include "support/bridge.h"
#include "support/catch.h"
#include "support/file_systems.h"
#include "support/images.h"
#include "support/test_vm.h"

// Reasons that need a host in trouble.

using namespace hotplug::test;
using hotplug::Clock;

TEST_CASE("K6 R3 R5 R8: a change whose turn does not come before its deadline is refused as too busy", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    const auto first = drive(makeRaw(host.imageRoot() / "1"), {{"deviceId", "first"}, {"iface", "scsi"}});
    const auto second = drive(makeRaw(host.imageRoot() / "2"), {{"deviceId", "second"}, {"iface", "scsi"}});
    {
        const Stopped stopped(host.qemus().front());
        auto hanging = inBackground(daemon, "hotplugDisk", with(first, {{"vmId", vm.id()}, {"timeout", 1500}}));
        eventually("the first has the turn", [&] { return vm.device("first")["state"] == "plugging"; });
        const auto start = Clock::now();
        const auto reply = vm.call("hotplugDisk", with(second, {{"timeout", 300}}));
        INFO(reply.text());
        CHECK(Clock::now() - start < 2s);
        CHECK(reply.reason() == "TOO_BUSY");
        CHECK(reply.outcome() == "refused");
        CHECK(reply.code() == 45);
        CHECK(hanging.get()["error"]["data"]["outcome"] == "pending");
    }
    eventually("the first is plugged", [&] { return vm.device("first")["state"] == "plugged"; });
    CHECK(vm.device("second").isNull());            // refused is for good
    vm.must("hotplugDisk", second);
}

TEST_CASE("K4 R5 R8: while the journal cannot be written nothing is changed, and reading goes on", "[integration]")
{
    TestHost host;
    SmallFileSystem state(host.stateDir(), 1024);
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    const auto disk = drive(makeRaw(host.imageRoot() / "d"), {{"deviceId", "d"}, {"iface", "scsi"}});
    vm.must("hotplugDisk", disk);

    state.fillUp();
    for (const auto& [verb, params] : {std::pair{"hotplugDisk", drive(makeRaw(host.imageRoot() / "e"))},
             {"hotunplugDisk", deviceId("d")}}) {
        const auto reply = vm.call(verb, params);
        INFO(reply.text());
        CHECK(reply.reason() == "JOURNAL_UNWRITABLE");
        CHECK(reply.outcome() == "refused");
        CHECK(reply.code() == 99);
    }
    CHECK(vm.device("d")["state"] == "plugged");

    state.makeRoom();
    vm.must("hotunplugDisk", deviceId("d"));
}

TEST_CASE("A4 K6 R6 R8: storage that hangs is given up after 5 s and delays nobody else", "[integration]")
{
    TestHost host;
    const auto folder = host.path() / "hung";
    std::filesystem::create_directory(folder);
    Hotplugd daemon(host, {"--image-root", folder});
    TestVm vm(daemon), other(daemon);
    vm.start();
    other.start();
    const auto sound = drive(makeRaw(host.imageRoot() / "d"), {{"serial", "SOUND"}, {"iface", "scsi"}});
    {
        const HungFileSystem hung(folder);
        auto hanging = inBackground(daemon, "hotplugDisk", with(drive(folder / "d"), {{"vmId", other.id()}}));
        const auto start = Clock::now();
        vm.must("hotplugDisk", sound);
        CHECK(Clock::now() - start < 3s);
        const auto reply = vm.call("hotplugDisk", drive(folder / "d"));
        INFO(reply.text());
        CHECK(Clock::now() - start < 9s);
        CHECK(reply.reason() == "SOURCE_NOT_RESPONDING");
        CHECK(reply.outcome() == "refused");
        CHECK(reply.code() == 45);
        CHECK(reply.error["data"]["field"] == "/drive/path");
        CHECK(hanging.get()["error"]["data"]["reason"] == "SOURCE_NOT_RESPONDING");
        vm.must("hotunplugDisk", sound);
    }
    // It has come back, if only empty.
    eventually("its looks end", [&] {
        return vm.call("hotplugDisk", drive(folder / "d")).reason() == "SOURCE_NOT_FOUND";
    });
}
