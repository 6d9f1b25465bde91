#include "requests.h"
#include "support/bridge.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/test_vm.h"

#include <set>

using namespace hotplug::test;

TEST_CASE("P1 P3 C2: with all ports taken the next one is refused, and SCSI still takes disks", "[integration]")
{
    TestHost host;
    Bridge bridge;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    const auto disk = [&](int number) { return makeRaw(host.imageRoot() / (std::to_string(number) + ".img")); };

    std::set<std::string> addresses;
    for (int i = 0; i < 4; ++i) {
        addresses.insert(addressText(vm.must("hotplugDisk", drive(disk(i)))["device"]["address"]));
        addresses.insert(addressText(vm.must("hotplugNic", nic(bridge.name()))["device"]["address"]));
    }
    CHECK(addresses.size() == 8);
    for (const auto& address : addresses)
        CHECK(address.ends_with(":00.0"));

    const auto refused = vm.call("hotplugDisk", drive(disk(9)));
    CHECK(refused.reason() == "NO_FREE_PCI_PORT");
    CHECK(refused.code() == 45);
    CHECK(vm.call("hotplugNic", nic(bridge.name())).reason() == "NO_FREE_PCI_PORT");
    CHECK(vm.call("hotplugDisk", with(drive(disk(9)), {{"dryRun", true}})).reason() == "NO_FREE_PCI_PORT");

    // More than the seven that libvirt puts on one controller before it adds others.
    for (int i = 0; i < 9; ++i) {
        const auto reply = vm.must("hotplugDisk", drive(disk(20 + i), {{"iface", "scsi"}}));
        CHECK(addressText(reply["device"]["address"]) == "0:0:0:" + std::to_string(i));
    }
    const auto live = parseDomain(vm.liveXml());
    CHECK(live.select_nodes("//controller[@type='scsi']").size() == 1);
    CHECK(live.select_nodes("//controller[@model='pcie-root-port']").size() == 9);
}

TEST_CASE("P3 C2: without a SCSI controller or with a boot device of the whole VM the refusal says so", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.edit = [](auto& domain) {
        auto devices = domain.child("devices");
        devices.remove_child(devices.find_child_by_attribute("controller", "type", "scsi"));
        devices.child("disk").remove_child("boot");
        domain.child("os").append_child("boot").append_attribute("dev") = "hd";
    }});
    vm.start();
    const auto image = makeRaw(host.imageRoot() / "d.img");
    CHECK(vm.call("hotplugDisk", drive(image, {{"iface", "scsi"}})).reason() == "NO_SCSI_CONTROLLER");
    CHECK(vm.call("hotplugDisk", drive(image, {{"bootOrder", 1}})).reason() == "BOOT_ORDER_UNSUPPORTED");
    vm.must("hotplugDisk", drive(image));
}
