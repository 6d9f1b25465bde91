#include "requests.h"
#include "support/bridge.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/test_vm.h"

#include <sstream>

using namespace hotplug::test;

namespace {

std::string devicesIn(const std::string& domainXml)
{
    std::ostringstream out;
    parseDomain(domainXml).child("domain").child("devices").print(out);
    return out.str();
}

/// Destroyed and started again, so that the guest meets its devices at boot; returns where its words begin.
Console::Mark restart(TestVm& vm)
{
    vm.destroy();
    const auto mark = vm.console().mark();
    vm.boot();
    return mark;
}

} // namespace

TEST_CASE("P5 R3 A5: a disk and a NIC keep address and target over a stop and start", "[integration]")
{
    TestHost host;
    Bridge bridge;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();
    vm.must("hotplugNic", nic(bridge.name(), {{"deviceId", "passing"}}));       // so that the lowest port is not theirs
    const auto image = makeRaw(host.imageRoot() / "d.img");
    const auto disk = vm.must("hotplugDisk", drive(image, {{"serial", "KEPT"}}))["device"];
    const auto card = vm.must("hotplugNic", nic(bridge.name()))["device"];
    vm.must("hotunplugNic", deviceId("passing"));

    const auto config = parseDomain(vm.configXml());
    const auto definedDisk = deviceByAlias(config, disk["alias"].asString());
    CHECK(addressText(definedDisk) == addressText(disk["address"]));
    CHECK(definedDisk.child("target").attribute("dev").value() == disk["target"].asString());
    CHECK(addressText(deviceByAlias(config, card["alias"].asString())) == addressText(card["address"]));

    const auto mark = restart(vm);
    vm.console().waitFor(mark, "add disk", {{"serial", "KEPT"}, {"address", addressText(disk["address"])}});
    vm.console().waitFor(mark, "add nic",
        {{"mac", card["macAddr"].asString()}, {"address", addressText(card["address"])}});
    const auto listed = vm.device(disk["deviceId"].asString());
    CHECK(listed["state"] == "plugged");
    CHECK(listed["target"] == disk["target"]);

    // They are as good as new: they can still be unplugged, from the definition too.
    const auto later = vm.console().mark();
    vm.must("hotunplugDisk", deviceId(disk["deviceId"].asString()));
    vm.must("hotunplugNic", deviceId(card["deviceId"].asString()));
    vm.console().waitFor(later, "del disk", {{"serial", "KEPT"}});
    CHECK(vm.configXml().find("ua-") == std::string::npos);
}

TEST_CASE("R3: what is plugged with persist false is gone after a stop and start", "[integration]")
{
    TestHost host;
    Bridge bridge;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();
    const auto definition = devicesIn(vm.configXml());
    const auto mark = vm.console().mark();
    const auto disk = drive(makeRaw(host.imageRoot() / "d.img"), {{"serial", "BRIEF"}, {"deviceId", "brief-disk"}});
    vm.must("hotplugDisk", with(disk, {{"persist", false}}));
    vm.must("hotplugNic", with(nic(bridge.name(), {{"deviceId", "brief"}}), {{"persist", false}}));
    vm.console().waitFor(mark, "add disk", {{"serial", "BRIEF"}});
    vm.console().waitFor(mark, "add nic");
    CHECK(devicesIn(vm.configXml()) == definition);

    restart(vm);
    CHECK(vm.guestDevices("disk").empty());
    CHECK(vm.guestDevices("nic").empty());
    CHECK(devicesIn(vm.configXml()) == definition);
    CHECK(vm.device("brief-disk")["state"] == "unplugged");     // remembered, for it may be plugged again
    CHECK(vm.call("hotunplugDisk", deviceId("brief-disk")).reason() == "NOT_PLUGGED");
    CHECK(vm.call("hotunplugNic", deviceId("brief")).reason() == "NOT_PLUGGED");
}
