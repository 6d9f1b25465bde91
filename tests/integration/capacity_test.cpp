#include "requests.h"
#include "support/bridge.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/test_vm.h"

#include <algorithm>
#include <set>

using namespace hotplug::test;

namespace {

Json::Value capacityOf(TestVm& vm)
{
    return vm.must("capacity", {})["capacity"];
}

unsigned diskRoom(TestVm& vm)
{
    const auto capacity = capacityOf(vm);
    CHECK(capacity["nics"] == capacity["virtioDisks"]);     // they share the free ports
    return capacity["virtioDisks"].asUInt();
}

/// What blocks, in words: `nics NO_FREE_PCI_PORT`.
std::set<std::string> blockersOf(TestVm& vm)
{
    std::set<std::string> found;
    const auto capacity = capacityOf(vm);
    for (const auto& blocker : capacity["blockers"]) {
        found.insert(blocker["of"].asString() + " " + blocker["reason"].asString());
        CHECK_FALSE(blocker["sentence"].asString().empty());
    }
    return found;
}

/// As many virtio disks as are asked for, in lists of as many as one call takes; capacity goes down with each list.
void plugMany(TestVm& vm, const TestHost& host, unsigned count)
{
    for (unsigned done = 0; done < count;) {
        std::vector<Json::Value> some;
        for (; some.size() < 16 && done < count; ++done) {
            const auto name = "D-" + std::to_string(done);
            some.push_back(diskOf(makeRaw(host.imageRoot() / name, 1), {{"serial", name}, {"deviceId", name}}));
        }
        vm.must("hotplugDisk", drives(some));
        CHECK(diskRoom(vm) == count - done);
    }
}

void requireFull(TestVm& vm, const Json::Value& params, const char* verb = "hotplugDisk")
{
    for (const bool dryRun : {true, false}) {
        const auto reply = vm.call(verb, with(params, {{"dryRun", dryRun}}));
        INFO(reply.text());
        CHECK(reply.reason() == "NO_FREE_PCI_PORT");
        CHECK(reply.outcome() == "refused");
        const auto room = reply.error["data"]["capacity"];
        CHECK(room["virtioDisks"] == 0);
        CHECK(room["nics"] == 0);
        CHECK(room["scsiUnits"].asUInt() == capacityOf(vm)["scsiUnits"].asUInt());
    }
    CHECK(blockersOf(vm) == std::set<std::string>{"nics NO_FREE_PCI_PORT", "virtioDisks NO_FREE_PCI_PORT"});
}

void requireAllSeen(TestVm& vm, Console::Mark mark, unsigned count)
{
    for (unsigned i = 0; i < count; ++i)
        vm.console().waitFor(mark, "add disk", {{"serial", "D-" + std::to_string(i)}});
    CHECK(vm.guestDevices("disk", {{"bus", "virtio"}}).size() == count);
}

void addBridge(pugi::xml_node& domain)
{
    auto controller = domain.child("devices").append_child("controller");
    controller.append_attribute("type") = "pci";
    controller.append_attribute("index") = 1;
    controller.append_attribute("model") = "pci-bridge";
}

} // namespace

TEST_CASE("P1 P3 C3: on q35 disks and NICs take a port each until none is left; SCSI goes on", "[integration]")
{
    TestHost host;
    Bridge bridge;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    const auto image = [&](int number) { return makeRaw(host.imageRoot() / (std::to_string(number) + ".img")); };

    std::set<std::string> addresses;
    for (unsigned left = 8; left > 0; left -= 2) {
        CHECK(diskRoom(vm) == left);
        CHECK(blockersOf(vm).empty());
        const auto disk = vm.must("hotplugDisk", drive(image(static_cast<int>(left))));
        CHECK(diskRoom(vm) == left - 1);
        const auto card = vm.must("hotplugNic", nic(bridge.name()));
        for (const auto& reply : {disk, card})
            addresses.insert(addressText(reply["device"]["address"]));
    }
    CHECK(addresses.size() == 8);
    for (const auto& address : addresses)
        CHECK(address.ends_with(":00.0"));
    requireFull(vm, drive(image(9)));
    requireFull(vm, nic(bridge.name()), "hotplugNic");
    CHECK(vm.call("hotplugDisk", drive(image(9))).code() == 45);
    CHECK(vm.call("hotplugNic", nic(bridge.name())).code() == 49);

    // More than the seven that libvirt puts on one controller before it adds others.
    for (int i = 0; i < 9; ++i) {
        const auto reply = vm.must("hotplugDisk", drive(image(20 + i), {{"iface", "scsi"}}));
        CHECK(addressText(reply["device"]["address"]) == "0:0:0:" + std::to_string(i));
    }
    const auto live = parseDomain(vm.liveXml());
    CHECK(live.select_nodes("//controller[@type='scsi']").size() == 1);
    CHECK(live.select_nodes("//controller[@model='pcie-root-port']").size() == 9);
}

TEST_CASE("P2 C3: i440fx takes as many disks as foretold, and the guest has them all", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.machine = TestVm::Machine::Pc});
    const auto foretold = diskRoom(vm);
    CHECK(foretold > 20);
    vm.boot();
    CHECK(diskRoom(vm) == foretold);
    const auto mark = vm.console().mark();
    plugMany(vm, host, foretold);
    const auto more = drive(makeRaw(host.imageRoot() / "more"), {{"serial", "MORE"}});
    requireFull(vm, more);
    requireAllSeen(vm, mark, foretold);
    CHECK(parseDomain(vm.liveXml()).select_nodes("//controller[@type='pci']").size() == 1);

    vm.must("hotunplugDisk", deviceId("D-7"));
    vm.console().waitFor(mark, "del disk", {{"serial", "D-7"}});
    CHECK(diskRoom(vm) == 1);
    vm.must("hotplugDisk", more);
    vm.console().waitFor(mark, "add disk", {{"serial", "MORE"}});
    CHECK(diskRoom(vm) == 0);
}

// Half a minute on a busy machine: each disk has the guest look at all slots.
TEST_CASE("P2 C3: a pci-bridge has 31 places more, and the guest has the disks behind it", "[integration][.long]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm plain(daemon, {.machine = TestVm::Machine::Pc});
    TestVm vm(daemon, {.machine = TestVm::Machine::Pc, .edit = addBridge});
    const auto foretold = diskRoom(vm);
    CHECK(foretold == diskRoom(plain) - 1 + 31);    // it takes one itself
    vm.boot();
    const auto mark = vm.console().mark();
    plugMany(vm, host, foretold);
    requireFull(vm, drive(makeRaw(host.imageRoot() / "more")));
    requireAllSeen(vm, mark, foretold);
    const auto seen = vm.guestDevices("disk", {{"bus", "virtio"}});
    CHECK(std::ranges::count_if(seen, [](const auto& one) { return one["address"].starts_with("0000:01:"); }) == 31);
    CHECK(parseDomain(vm.liveXml()).select_nodes("//controller[@type='pci']").size() == 2);
}

TEST_CASE("P2 A5: behind a pci-bridge a disk gets the slot that was asked for", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.machine = TestVm::Machine::Pc, .edit = addBridge});
    vm.boot();
    const auto mark = vm.console().mark();
    const auto free = diskRoom(vm);
    const auto image = makeRaw(host.imageRoot() / "d");
    vm.must("hotplugDisk", drive(image, {{"serial", "BEHIND"}, {"address", pciAddress(1, 0x1f)}}));
    vm.console().waitFor(mark, "add disk", {{"serial", "BEHIND"}, {"address", "0000:01:1f.0"}});
    CHECK(diskRoom(vm) == free - 1);
    const auto other = makeRaw(host.imageRoot() / "e");
    const auto at = [&](unsigned slot) { return drive(other, {{"address", pciAddress(1, slot)}}); };
    CHECK(vm.call("hotplugDisk", at(0x1f)).reason() == "ADDRESS_IN_USE");
    CHECK(vm.call("hotplugDisk", at(0)).reason() == "ADDRESS_NOT_USABLE");
    vm.must("hotunplugDisk", drive(image));
    vm.console().waitFor(mark, "del disk", {{"serial", "BEHIND"}});
}

TEST_CASE("C3 P1 P4: what takes no hot plug does not count, and what blocks a VM is said", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.edit = [](auto& domain) {
        auto devices = domain.child("devices");
        devices.remove_child(devices.find_child_by_attribute("controller", "type", "scsi"));
        devices.find_child_by_attribute("controller", "index", "9").append_child("target").append_attribute("hotplug")
            = "off";
    }});
    const auto requireRoom = [&](const std::set<std::string>& blockers) {
        const auto capacity = capacityOf(vm);
        CHECK(capacity["virtioDisks"] == 8);        // one port has no hot plug, one has no controller
        CHECK(capacity["scsiUnits"] == 0);
        CHECK(capacity["sataUnits"] == 5);          // the CD-ROM drive has the sixth
        CHECK(capacity["ideUnits"] == 0);
        CHECK(blockersOf(vm) == blockers);
    };
    const std::set<std::string> notUp{"virtioDisks VM_NOT_UP", "nics VM_NOT_UP", "scsiUnits VM_NOT_UP",
        "scsiUnits NO_SCSI_CONTROLLER"};
    requireRoom(notUp);
    vm.start();
    requireRoom({"scsiUnits NO_SCSI_CONTROLLER"});
    vm.pause();
    requireRoom(notUp);
    vm.resume();

    const auto more = makeRaw(host.imageRoot() / "more");
    CHECK(vm.call("hotplugDisk", drive(more, {{"address", pciAddress(9)}})).reason() == "ADDRESS_NOT_USABLE");
    CHECK(vm.call("hotplugDisk", drive(more, {{"iface", "scsi"}})).reason() == "NO_SCSI_CONTROLLER");
    plugMany(vm, host, 8);
    CHECK(vm.call("hotplugDisk", drive(more)).reason() == "NO_FREE_PCI_PORT");
}

TEST_CASE("C2: with a boot device of the whole VM a boot order is refused, and all else is plugged", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.edit = [](auto& domain) {
        domain.child("devices").child("disk").remove_child("boot");
        domain.child("os").append_child("boot").append_attribute("dev") = "hd";
    }});
    vm.start();
    const auto image = makeRaw(host.imageRoot() / "d.img");
    CHECK(vm.call("hotplugDisk", drive(image, {{"bootOrder", 1}})).reason() == "BOOT_ORDER_UNSUPPORTED");
    vm.must("hotplugDisk", drive(image));
}
