#include "requests.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/test_vm.h"

using namespace hotplug::test;

TEST_CASE("K8 R6: a disk that the guest ejects by itself is shown as drifted and not repaired", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();
    auto mark = vm.console().mark();
    const auto disk = drive(makeRaw(host.imageRoot() / "d.img"), {{"serial", "GONE"}, {"deviceId", "gone"}});
    vm.must("hotplugDisk", disk);
    const auto seen = vm.console().waitFor(mark, "add disk", {{"serial", "GONE"}});

    mark = vm.console().mark();
    vm.tell("eject " + seen["address"]);
    vm.console().waitFor(mark, "del disk", {{"serial", "GONE"}});
    eventually("libvirt notices", [&] { return vm.liveXml().find("ua-gone") == std::string::npos; });

    const auto listed = vm.device("gone");
    CHECK(listed["state"] == "drifted");
    CHECK(listed["plugged"] == false);
    CHECK_FALSE(listed["problem"].asString().empty());
    CHECK(vm.configXml().find("ua-gone") != std::string::npos);

    // Asked for, the rest goes too.
    vm.must("hotunplugDisk", deviceId("gone"));
    CHECK(vm.configXml().find("gone\"") == std::string::npos);
    CHECK(vm.device("gone").isNull());
    CHECK(vm.call("hotunplugDisk", deviceId("gone")).reason() == "DEVICE_NOT_FOUND");
}
