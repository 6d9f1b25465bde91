#include "requests.h"
#include "support/bridge.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/libvirtd.h"
#include "support/test_vm.h"
#include "virsh.h"

// What is taken, by whom, and what is chosen beside it.

using namespace hotplug::test;

namespace {

void append(pugi::xml_node devices, const std::string& xml)
{
    devices.append_buffer(xml.data(), xml.size());
}

std::string diskXml(const std::string& image, const std::string& bus, const std::string& more = "")
{
    return "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='" + image + "'" + more
        + "/><target dev='vda' bus='virtio'/><serial>DEFINED</serial><boot order='7'/>"
          "<address type='pci' domain='0' bus='" + bus + "' slot='0' function='0'/></disk>";
}

/// Somebody changes the definition, while the VM runs as it did.
void redefine(const TestHost& host, const TestVm& vm, const std::function<void(pugi::xml_node devices)>& edit)
{
    const auto document = parseDomain(vm.configXml());
    edit(document.child("domain").child("devices"));
    const auto file = host.path() / "redefined.xml";
    document.save_file(file.c_str());
    mustVirsh(host, {"define", file});
}

struct Refused {
    const char* verb;
    Json::Value params;
    const char *reason, *field;
    std::string holder;
};

void requireRefused(TestVm& vm, const std::vector<Refused>& cases)
{
    for (const auto& [verb, params, reason, field, holder] : cases) {
        const auto reply = vm.call(verb, params);
        INFO(reply.text());
        CHECK(reply.reason() == reason);
        CHECK(reply.outcome() == "refused");
        CHECK(reply.error["data"]["field"] == field);
        CHECK(reply.error["data"]["conflictsWith"] == holder);
    }
}

} // namespace

TEST_CASE("P1 P5 R8: what only the definition has keeps its port, name, serial and boot order", "[integration]")
{
    TestHost host;
    Bridge bridge;
    const Libvirtd libvirtd(host);
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    const auto defined = makeRaw(host.imageRoot() / "defined"), fresh = makeRaw(host.imageRoot() / "fresh");
    const std::string mac = "52:54:00:00:00:11";
    redefine(host, vm, [&](auto devices) {
        append(devices, diskXml(defined, "2"));
        append(devices, "<interface type='bridge'><mac address='" + mac + "'/><source bridge='" + bridge.name()
            + "'/><model type='virtio'/><address type='pci' domain='0' bus='3' slot='0' function='0'/></interface>");
    });
    CHECK(vm.must("capacity", {})["capacity"]["virtioDisks"] == 6);
    requireRefused(vm, {
        {"hotplugDisk", drive(fresh, {{"address", pciAddress(2)}}), "ADDRESS_IN_USE", "/drive/address", "vda"},
        {"hotplugDisk", drive(fresh, {{"bootOrder", 7}}), "BOOT_ORDER_IN_USE", "/drive/bootOrder", "vda"},
        {"hotplugDisk", drive(fresh, {{"serial", "DEFINED"}}), "SERIAL_DUPLICATE", "/drive/serial", "vda"},
        {"hotplugDisk", drive(defined), "ALREADY_PLUGGED", "/drive/path", "vda"},
        {"hotplugNic", nic(bridge.name(), {{"address", pciAddress(3)}}), "ADDRESS_IN_USE", "/nic/address", mac},
        {"hotplugNic", nic(bridge.name(), {{"macAddr", mac}}), "MAC_DUPLICATE", "/nic/macAddr", mac},
    });
    // Not even what is plugged for this run only may sit there.
    CHECK(vm.call("hotplugDisk", with(drive(fresh, {{"address", pciAddress(2)}}), {{"persist", false}})).reason()
        == "ADDRESS_IN_USE");
    const auto disk = vm.must("hotplugDisk", drive(fresh, {{"serial", "FRESH"}, {"index", 0}, {"bootOrder", 8}}));
    CHECK(disk["device"]["target"] == "vdb");
    const auto card = vm.must("hotplugNic", nic(bridge.name()))["device"];

    // The proof that nothing collides: all four start together, where they were said to be.
    vm.destroy();
    const auto mark = vm.console().mark();
    vm.boot();
    vm.console().waitFor(mark, "add disk", {{"serial", "DEFINED"}});
    vm.console().waitFor(mark, "add disk", {{"serial", "FRESH"}, {"address", addressText(disk["device"]["address"])}});
    vm.console().waitFor(mark, "add nic", {{"mac", mac}});
    vm.console().waitFor(mark, "add nic",
        {{"mac", card["macAddr"].asString()}, {"address", addressText(card["address"])}});
}

TEST_CASE("P1: a port that only looks free is passed over for the next one", "[integration]")
{
    TestHost host;
    const Libvirtd libvirtd(host);
    Hotplugd daemon(host);
    // libvirt drops an optional disk without its image at the start, and keeps its port.
    const auto missing = diskXml(host.imageRoot() / "missing", "2", " startupPolicy='optional'");
    TestVm vm(daemon, {.edit = [&](auto& domain) { append(domain.child("devices"), missing); }});
    vm.boot();
    redefine(host, vm, [](auto devices) {
        devices.remove_child(devices.find_child_by_attribute("disk", "device", "disk"));
    });
    CHECK(vm.liveXml().find("DEFINED") == std::string::npos);

    const auto mark = vm.console().mark();
    const auto device = vm.must("hotplugDisk", drive(makeRaw(host.imageRoot() / "d"), {{"serial", "NEXT"}}))["device"];
    const auto seen = vm.console().waitFor(mark, "add disk", {{"serial", "NEXT"}});
    CHECK(seen["address"] == addressText(device["address"]));
    CHECK(addressText(deviceByAlias(parseDomain(vm.configXml()), device["alias"].asString())) == seen["address"]);
    CHECK(daemon.log().find("double use") != std::string::npos);
}

TEST_CASE("P5 K3 C3: until the guest lets go a device keeps its address, names and boot order", "[integration]")
{
    TestHost host;
    Bridge bridge;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.deaf = true});
    vm.start();
    const auto fresh = makeRaw(host.imageRoot() / "fresh");
    const std::string mac = "52:54:00:00:00:12";
    vm.must("hotplugDisk", drive(makeRaw(host.imageRoot() / "stuck"), {{"deviceId", "stuck"}, {"serial", "STUCK"},
        {"index", 3}, {"bootOrder", 4}, {"address", pciAddress(6)}}));
    vm.must("hotplugNic", nic(bridge.name(), {{"deviceId", "stuck-nic"}, {"macAddr", mac}}));
    CHECK(vm.call("hotunplugDisk", with(deviceId("stuck"), {{"timeout", 200}})).outcome() == "pending");
    CHECK(vm.call("hotunplugNic", with(deviceId("stuck-nic"), {{"timeout", 200}})).outcome() == "pending");
    requireRefused(vm, {
        {"hotplugDisk", drive(fresh, {{"address", pciAddress(6)}}), "ADDRESS_IN_USE", "/drive/address", "ua-stuck"},
        {"hotplugDisk", drive(fresh, {{"serial", "STUCK"}}), "SERIAL_DUPLICATE", "/drive/serial", "ua-stuck"},
        {"hotplugDisk", drive(fresh, {{"bootOrder", 4}}), "BOOT_ORDER_IN_USE", "/drive/bootOrder", "ua-stuck"},
        {"hotplugDisk", drive(host.imageRoot() / "stuck", {{"deviceId", "other"}}),
            "HAS_PENDING_UNPLUG", "/drive/path", "ua-stuck"},
        {"hotplugNic", nic(bridge.name(), {{"macAddr", mac}, {"deviceId", "other"}}),
            "MAC_DUPLICATE", "/nic/macAddr", "ua-stuck-nic"},
    });
    CHECK(vm.must("hotplugDisk", drive(fresh, {{"index", 3}}))["device"]["target"] == "vda");

    // Five more fit, as foretold, and the two that are leaving still count.
    CHECK(vm.must("capacity", {})["capacity"]["virtioDisks"] == 5);
    std::vector<Json::Value> five;
    for (int i = 0; i < 5; ++i)
        five.push_back(diskOf(makeRaw(host.imageRoot() / std::to_string(i))));
    vm.must("hotplugDisk", drives(five));
    const auto last = drive(makeRaw(host.imageRoot() / "last"));
    CHECK(vm.call("hotplugDisk", last).reason() == "NO_FREE_PCI_PORT");

    vm.monitor().execute("system_reset");           // which is what a guest without hot plug lets go at
    eventually("both are free", [&] { return vm.must("capacity", {})["capacity"]["virtioDisks"] == 2; });
    vm.must("hotplugDisk", with(last, {}));
    CHECK(vm.must("capacity", {})["capacity"]["virtioDisks"] == 1);
}

TEST_CASE("A3: the index is a wish for a target name; when it is taken the first free one is given", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    int count = 0;
    struct Case {
        const char *iface, *index, *target;
    };
    for (const auto& [iface, index, target] : {Case{"virtio", "", "vda"}, {"virtio", "3", "vdd"},
             {"virtio", "3", "vdb"}, {"virtio", "26", "vdaa"}, {"virtio", "", "vdc"}, {"scsi", "", "sda"},
             {"scsi", "2", "sdb"},                  // sdc is the CD-ROM drive
             {"scsi", "0x1b", "sdab"}, {"scsi", "", "sdd"}}) {
        INFO(iface << " " << index);
        const auto image = makeRaw(host.imageRoot() / std::to_string(++count));
        const auto device = vm.must("hotplugDisk", drive(image, {{"iface", iface}, {"index", index}}))["device"];
        CHECK(device["target"] == target);
        const auto inXml = deviceByAlias(parseDomain(vm.liveXml()), device["alias"].asString());
        CHECK(inXml.child("target").attribute("dev").value() == std::string(target));
    }
}
