#include "requests.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/journal_row.h"
#include "support/nbd_server.h"
#include "support/test_vm.h"

// Several disks in one call: all of them or none.

using namespace hotplug::test;

namespace {

Json::Value engineForm(const TestVm& vm, const Json::Value& params)
{
    return object({{"vmID", vm.id()}, {"params", with(params, {{"vmId", vm.id()}})}});
}

/// In each form of the verb.
Json::Value must(Hotplugd& daemon, TestVm& vm, const std::string& verb, const Json::Value& params)
{
    return verb.starts_with("VM.") ? daemon.must(verb, engineForm(vm, params)) : vm.must(verb, params);
}

bool isKnown(TestVm& vm, const std::string& text)
{
    return (vm.liveXml() + vm.configXml()).find(text) != std::string::npos
        || vm.monitor().execute("query-named-block-nodes").find(text) != std::string::npos;
}

void requireFailed(const Reply& reply)
{
    INFO(reply.text());
    CHECK(reply.outcome() == "failed");
    CHECK(reply.reason() == "SOURCE_IN_USE");
    CHECK(reply.code() == 45);
    CHECK(reply.error["data"]["field"] == "/device/4");
}

/// Four disks that can be plugged and one that cannot, because a process unknown to libvirt writes to its image.
struct HalfGood {
    explicit HalfGood(const TestHost& host)
    {
        for (const auto* name : {"G-0", "G-1", "G-2", "G-3", "held"})
            all.push_back(diskOf(makeRaw(host.imageRoot() / name), {{"serial", name}, {"deviceId", name}}));
        writer.emplace(host.imageRoot() / "held", "held");
    }

    std::vector<Json::Value> all;
    std::optional<NbdServer> writer;
};

} // namespace

TEST_CASE("R2 R4 A1: a list of disks is plugged by one operation and unplugged by one, in both forms", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();
    const auto list = drives({diskOf(makeRaw(host.imageRoot() / "1.img"), {{"serial", "L-1"}}),
        diskOf(makeQcow2(host.imageRoot() / "2.qcow2"), {{"serial", "L-2"}, {"format", "cow"}, {"iface", "scsi"}})});
    const auto dry = vm.must("hotplugDisk", with(list, {{"dryRun", true}}));
    CHECK(dry["plans"].size() == 2);
    CHECK_FALSE(dry.isMember("plan"));

    for (const std::string form : {"", "VM."}) {
        auto mark = vm.console().mark();
        const auto plugged = must(daemon, vm, form + "hotplugDisk", list);
        CHECK_FALSE(plugged.isMember("device"));
        REQUIRE(plugged["devices"].size() == 2);
        CHECK(journalRow(host, plugged["operationId"].asString()).intent["plans"].size() == 2);
        for (unsigned i = 0; i < 2; ++i) {
            const std::string serial = i == 0 ? "L-1" : "L-2";
            CHECK(plugged["devices"][i]["serial"] == serial);
            CHECK(plugged["devices"][i]["alias"] == dry["plans"][i]["alias"]);
            const auto seen = vm.console().waitFor(mark, "add disk", {{"serial", serial}});
            CHECK(vm.does("write", seen["name"]));
        }
        mark = vm.console().mark();
        const auto gone = must(daemon, vm, form + "hotunplugDisk", list);
        CHECK(gone["devices"].size() == 2);
        vm.console().waitFor(mark, "del disk", {{"serial", "L-1"}});
        vm.console().waitFor(mark, "del disk", {{"serial", "L-2"}});
        CHECK_FALSE(isKnown(vm, "ua-"));
    }
    CHECK(vm.must("hotplugDisk", drives({list["device"][0]}))["device"]["serial"] == "L-1");
}

TEST_CASE("R2 R5 R8: a list with one entry that cannot be plugged is refused whole, by that entry", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    const auto image = [&](int number) { return makeRaw(host.imageRoot() / (std::to_string(number) + ".img")); };
    const auto first = diskOf(image(1),
        {{"deviceId", "first"}, {"serial", "FIRST"}, {"bootOrder", 5}, {"address", pciAddress(9)}});
    const auto second = image(2);
    struct Case {
        Json::Value entry;
        const char *reason, *field;
    };
    for (const auto& [entry, reason, field] : {
             Case{diskOf(host.imageRoot() / "nothing"), "SOURCE_NOT_FOUND", "/path"},
             {diskOf(second, {{"iface", "sata"}}), "BUS_NOT_HOTPLUGGABLE", "/iface"},
             {diskOf(second, {{"format", "qcow2"}}), "FORMAT_MISMATCH", "/format"},
             {diskOf(image(1)), "ALREADY_PLUGGED", "/path"},
             {diskOf(second, {{"deviceId", "first"}}), "ALREADY_PLUGGED", "/deviceId"},
             {diskOf(second, {{"serial", "FIRST"}}), "SERIAL_DUPLICATE", "/serial"},
             {diskOf(second, {{"bootOrder", "5"}}), "BOOT_ORDER_IN_USE", "/bootOrder"},
             {diskOf(second, {{"address", pciAddress(9)}}), "ADDRESS_IN_USE", "/address"}}) {
        const auto reply = vm.call("hotplugDisk", drives({first, entry}));
        INFO(reply.text());
        CHECK(reply.reason() == reason);
        CHECK(reply.outcome() == "refused");
        CHECK(reply.error["data"]["field"] == std::string("/device/1") + field);
    }
    const auto engine = daemon.call("VM.hotplugDisk", engineForm(vm, drives({diskOf(host.imageRoot() / "nothing")})));
    CHECK(engine.error["data"]["field"] == "/params/device/0/path");

    std::vector<Json::Value> tooMany;
    for (int i = 1; i <= 9; ++i)
        tooMany.push_back(diskOf(image(i)));
    const auto full = vm.call("hotplugDisk", drives(tooMany));
    CHECK(full.reason() == "NO_FREE_PCI_PORT");
    CHECK(full.error["data"]["field"] == "/device/8");

    vm.must("hotplugDisk", drives({first, diskOf(second)}));
    const auto unplug = vm.call("hotunplugDisk", drives({object({{"deviceId", "first"}}), diskOf(image(3))}));
    CHECK(unplug.reason() == "DEVICE_NOT_FOUND");
    CHECK(unplug.error["data"]["field"] == "/device/1");
    CHECK(vm.device("first")["state"] == "plugged");
}

TEST_CASE("R2 K5: when libvirt refuses the last disk of a list the others leave the guest again", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();
    HalfGood given(host);
    const auto mark = vm.console().mark();
    const auto reply = vm.call("hotplugDisk", drives(given.all));
    requireFailed(reply);
    vm.console().waitFor(mark, "add disk", {{"serial", "G-0"}});
    vm.console().waitFor(mark, "del disk", {{"serial", "G-0"}});
    CHECK(vm.guestDevices("disk").empty());
    CHECK(vm.must("listDevices", {})["devices"].size() == 1);       // the CD-ROM drive
    eventually("QEMU has closed the images", [&] { return !isKnown(vm, host.imageRoot()); });
    CHECK_FALSE(isKnown(vm, "ua-"));
    CHECK_FALSE(isKnown(vm, "hotplugd:device"));
    const auto row = journalRow(host, reply.error["data"]["operationId"].asString());
    CHECK(row.outcome == "failed");
    CHECK(row.reason == "SOURCE_IN_USE");

    given.writer.reset();
    CHECK(vm.must("hotplugDisk", drives(given.all))["devices"].size() == 5);
    vm.console().waitFor(mark, "add disk", {{"serial", "held"}});
}

TEST_CASE("R2 K3: what a deaf guest keeps of a list is pending, and ends as it must when it lets go", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.deaf = true});
    vm.boot();
    const auto leaving = drives({
        diskOf(makeRaw(host.imageRoot() / "s"), {{"deviceId", "s"}, {"serial", "LEAVES"}, {"iface", "scsi"}}),
        diskOf(makeRaw(host.imageRoot() / "v"), {{"deviceId", "v"}})});
    vm.must("hotplugDisk", leaving);
    HalfGood given(host);
    const auto mark = vm.console().mark();
    const auto plug = vm.call("hotplugDisk", with(drives(given.all), {{"timeout", 600}}));
    const auto unplug = vm.call("hotunplugDisk", with(leaving, {{"timeout", 400}}));
    for (const auto& reply : {plug, unplug}) {
        INFO(reply.text());
        CHECK(reply.outcome() == "pending");
        CHECK(reply.reason() == "GUEST_NOT_RESPONDING");
    }
    CHECK(plug.code() == 45);
    CHECK(unplug.code() == 46);
    vm.console().waitFor(mark, "del disk", {{"serial", "LEAVES"}});
    for (const auto* id : {"G-0", "G-3", "v"})
        CHECK(vm.device(id)["state"] == "unplugging");
    const auto again = vm.call("hotplugDisk", drives({given.all[0]}));
    CHECK(again.reason() == "HAS_PENDING_UNPLUG");
    CHECK(again.error["data"]["field"] == "/device/0/deviceId");

    vm.tell("reboot");
    vm.console().waitFor(mark, "ready");
    const auto rowOf = [&](const Reply& reply) {
        return journalRow(host, reply.error["data"]["operationId"].asString());
    };
    eventually("the plug has failed", [&] { return rowOf(plug).outcome == "failed"; });
    CHECK(rowOf(plug).reason == "SOURCE_IN_USE");
    eventually("the unplug is done", [&] { return rowOf(unplug).outcome == "done"; });
    CHECK(vm.guestDevices("disk").empty());
    CHECK_FALSE(isKnown(vm, "ua-"));
}
