#include "requests.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/test_vm.h"

using namespace hotplug::test;

namespace {

/// The guest's own words about a disk that has come since the mark, compared with the reply's.
GuestLine requireSeen(TestVm& vm, Console::Mark mark, const std::string& serial, const Json::Value& reply)
{
    const auto seen = vm.console().waitFor(mark, "add disk", {{"serial", serial}});
    if (seen["bus"] == "virtio")
        CHECK(seen["address"] == addressText(reply["device"]["address"]));
    CHECK(vm.does("write", seen["name"]));
    CHECK(vm.does("read", seen["name"]));
    return seen;
}

void requireGone(TestVm& vm, Console::Mark mark, const std::string& serial)
{
    vm.console().waitFor(mark, "del disk", {{"serial", serial}});
    CHECK(vm.guestDevices("disk", {{"serial", serial}}).empty());
}

void appendForeignDisk(pugi::xml_node& domain, const std::string& image)
{
    auto disk = domain.child("devices").append_child("disk");
    disk.append_attribute("type") = "file";
    disk.append_attribute("device") = "disk";
    auto driver = disk.append_child("driver");
    driver.append_attribute("name") = "qemu";
    driver.append_attribute("type") = "raw";
    disk.append_child("source").append_attribute("file") = image.c_str();
    auto target = disk.append_child("target");
    target.append_attribute("dev") = "vdx";
    target.append_attribute("bus") = "virtio";
    disk.append_child("serial").text() = "FOREIGN";
}

} // namespace

TEST_CASE("A1 R4 C9 K1 P1: a virtio disk is plugged, used, unplugged and plugged again", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();
    const auto image = makeRaw(host.imageRoot() / "data.img", 64);
    const auto request = drive(image, {{"serial", "S-1"}});

    for (const auto* round : {"first", "second"}) {
        INFO("plugged for the " << round << " time");
        auto mark = vm.console().mark();
        const auto reply = vm.must("hotplugDisk", with(request, {{"waitForGuest", true}}));
        const auto seen = requireSeen(vm, mark, "S-1", reply);
        CHECK(seen["size"] == "67108864");
        CHECK(reply["device"]["state"] == "plugged");
        CHECK(reply["device"]["plugged"] == true);
        CHECK(reply["device"]["guestSeen"] == "yes");
        CHECK(reply["devices"].size() == 1);
        const auto id = reply["device"]["deviceId"].asString();
        CHECK(reply["device"]["alias"] == "ua-" + id);
        const auto listed = vm.device(id);
        CHECK(listed["state"] == "plugged");
        CHECK(listed["source"] == image);
        CHECK(listed["serial"] == "S-1");
        CHECK(listed["guestSeen"] == "yes");

        mark = vm.console().mark();
        const auto gone = vm.must("hotunplugDisk", request);
        requireGone(vm, mark, "S-1");
        CHECK(gone["device"]["state"] == "unplugged");
        CHECK(vm.device(id).isNull());
        CHECK(vm.liveXml().find("ua-" + id) == std::string::npos);
        CHECK(vm.configXml().find("ua-" + id) == std::string::npos);
        CHECK(vm.configXml().find(id) == std::string::npos);        // no record either
    }
    CHECK(readFile(image).starts_with("HPGUEST\nHPGUEST\n"));
}

TEST_CASE("A1 A3 P3 R1 R2: SCSI and qcow2 disks come and go, in each form of the verbs", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    const auto foreign = makeRaw(host.imageRoot() / "foreign.img");
    TestVm vm(daemon, {.edit = [&](auto& domain) { appendForeignDisk(domain, foreign); }});
    vm.boot();
    vm.console().waitFor(0, "add disk", {{"serial", "FOREIGN"}});

    const auto raw = makeRaw(host.imageRoot() / "scsi.img", 8);
    auto mark = vm.console().mark();
    auto reply = vm.must("hotplugDisk", drive(raw, {{"iface", "scsi"}, {"serial", "SCSI-1"}, {"deviceId", "logs"}}));
    auto seen = requireSeen(vm, mark, "SCSI-1", reply);
    CHECK(seen["bus"] == "scsi");
    CHECK(seen["size"] == "8388608");
    CHECK(seen["address"].ends_with(":0:0:" + reply["device"]["address"]["unit"].asString()));

    // VDSM's own spelling of a disk, as VM.hotplugDisk brings it.
    const auto cow = makeQcow2(host.imageRoot() / "cow.qcow2", 16);
    auto vdsm = object({{"type", "disk"}, {"device", "disk"}, {"index", "3"}, {"iface", "virtio"}, {"path", cow},
        {"format", "cow"}, {"propagateErrors", "off"}, {"shared", "False"}, {"readonly", "False"}, {"address", ""},
        {"optional", "False"}, {"serial", "COW-1"}, {"cache", "none"}, {"bootOrder", "2"}, {"truesize", "197120"}});
    auto engine = object({{"vmID", vm.id()}, {"params", object({{"vmId", vm.id()}, {"drive", vdsm}})}});
    mark = vm.console().mark();
    reply = daemon.must("VM.hotplugDisk", engine);
    seen = requireSeen(vm, mark, "COW-1", reply);
    CHECK(seen["size"] == "16777216");
    CHECK(reply["device"]["target"] == "vdd");
    CHECK(reply["warnings"].size() == 1);
    const auto xml = parseDomain(vm.liveXml());
    const auto disk = deviceByAlias(xml, reply["device"]["alias"].asString());
    CHECK(disk.child("driver").attribute("type").value() == std::string("qcow2"));
    CHECK(disk.child("driver").attribute("error_policy").value() == std::string("stop"));
    CHECK(disk.child("driver").attribute("cache").value() == std::string("none"));
    CHECK(disk.child("boot").attribute("order").as_int() == 2);

    mark = vm.console().mark();
    daemon.must("VM.hotunplugDisk", engine);        // the very dictionary that plugged
    requireGone(vm, mark, "COW-1");
    mark = vm.console().mark();
    vm.must("hotunplugDisk", deviceId("logs"));
    requireGone(vm, mark, "SCSI-1");

    // What others attached has no deviceId: its alias names it, and its twin in the definition goes too.
    CHECK(vm.configXml().find(foreign) != std::string::npos);
    mark = vm.console().mark();
    reply = vm.must("hotunplugDisk", object({{"alias", "virtio-disk23"}}));
    requireGone(vm, mark, "FOREIGN");
    CHECK(reply["device"]["deviceId"].isNull());
    CHECK(vm.configXml().find(foreign) == std::string::npos);
}

TEST_CASE("A5 P2: on i440fx a disk gets the slot that was asked for, another a free one", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.machine = TestVm::Machine::Pc});
    vm.boot();
    const auto first = drive(makeRaw(host.imageRoot() / "1.img"),
        {{"serial", "ONE"}, {"address", pciAddress(0, 0x0c)}});
    const auto second = drive(makeRaw(host.imageRoot() / "2.img"), {{"serial", "TWO"}});

    auto mark = vm.console().mark();
    requireSeen(vm, mark, "ONE", vm.must("hotplugDisk", first));
    vm.console().waitFor(mark, "add disk", {{"address", "0000:00:0c.0"}});
    mark = vm.console().mark();
    requireSeen(vm, mark, "TWO", vm.must("hotplugDisk", second));

    mark = vm.console().mark();
    vm.must("hotunplugDisk", first);
    vm.must("hotunplugDisk", second);
    requireGone(vm, mark, "ONE");
    requireGone(vm, mark, "TWO");
}
