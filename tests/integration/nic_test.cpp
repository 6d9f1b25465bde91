#include "requests.h"
#include "support/arp.h"
#include "support/bridge.h"
#include "support/catch.h"
#include "support/test_vm.h"

#include <filesystem>

using namespace hotplug::test;

namespace {

bool isPortOf(const Bridge& bridge, const std::string& tap)
{
    return std::filesystem::exists("/sys/class/net/" + bridge.name() + "/brif/" + tap);
}

/// Packets pass both ways: the guest's NIC answers a question that was asked on the bridge.
void requireAnswer(TestVm& vm, Console::Mark mark, const Bridge& bridge, const GuestLine& seen)
{
    vm.console().waitFor(mark, "link nic", {{"name", seen["name"]}, {"state", "up"}});
    CHECK(askArp(bridge.name(), seen["ip"]) == seen["mac"]);
}

} // namespace

TEST_CASE("A1 B9 R4 K5 P1: a bridge NIC is plugged, carries packets, is unplugged and plugged again", "[integration]")
{
    TestHost host;
    Bridge bridge;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();
    const std::string mac = "52:54:00:4a:16:87";
    const auto request = nic(bridge.name(), {{"type", "interface"}, {"device", "bridge"}, {"nicModel", "pv"},
        {"macAddr", mac}, {"linkActive", "True"}});

    for (const auto* round : {"first", "second"}) {
        INFO("plugged for the " << round << " time");
        auto mark = vm.console().mark();
        const auto reply = vm.must("hotplugNic", request);
        const auto seen = vm.console().waitFor(mark, "add nic", {{"mac", mac}, {"driver", "virtio_net"}});
        CHECK(seen["address"] == addressText(reply["device"]["address"]));
        CHECK(reply["devices"][0]["macAddr"] == mac);
        CHECK(reply["devices"][0]["alias"] == reply["device"]["alias"]);
        CHECK(reply["xml"].asString().find(reply["device"]["alias"].asString()) != std::string::npos);
        requireAnswer(vm, mark, bridge, seen);
        const auto listed = vm.device(reply["device"]["deviceId"].asString());
        CHECK(listed["macAddr"] == mac);
        const auto tap = listed["target"].asString();
        REQUIRE_FALSE(tap.empty());
        CHECK(isPortOf(bridge, tap));

        mark = vm.console().mark();
        vm.must("hotunplugNic", request);               // the very dictionary that plugged
        vm.console().waitFor(mark, "del nic", {{"mac", mac}});
        CHECK_FALSE(isPortOf(bridge, tap));
        CHECK_FALSE(std::filesystem::exists("/sys/class/net/" + tap));
        CHECK(vm.guestDevices("nic").empty());
        CHECK(vm.configXml().find(mac) == std::string::npos);
    }
}

TEST_CASE("B9 R1 R2: an rtl8139 and a NIC with a drawn MAC come and go, by deviceId and alias", "[integration]")
{
    TestHost host;
    Bridge bridge;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();

    auto mark = vm.console().mark();
    auto params = with(nic(bridge.name(), {{"nicModel", "rtl8139"}, {"deviceId", "old"}}), {{"vmId", vm.id()}});
    auto reply = daemon.must("VM.hotplugNic", object({{"vmID", vm.id()}, {"params", params}}));
    auto seen = vm.console().waitFor(mark, "add nic", {{"mac", reply["device"]["macAddr"].asString()}});
    CHECK(seen["driver"].starts_with("8139"));
    CHECK(seen["address"] == addressText(reply["device"]["address"]));
    requireAnswer(vm, mark, bridge, seen);

    mark = vm.console().mark();
    reply = vm.must("hotplugNic", nic(bridge.name()));
    seen = vm.console().waitFor(mark, "add nic", {{"mac", reply["device"]["macAddr"].asString()}});
    requireAnswer(vm, mark, bridge, seen);

    mark = vm.console().mark();
    vm.must("hotunplugNic", object({{"alias", reply["device"]["alias"]}}));
    vm.console().waitFor(mark, "del nic", {{"mac", seen["mac"]}});
    daemon.must("VM.hotunplugNic",
        object({{"vmID", vm.id()}, {"params", object({{"vmId", vm.id()}, {"deviceId", "old"}})}}));
    CHECK(vm.guestDevices("nic").empty());
}
