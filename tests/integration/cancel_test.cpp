#include "background.h"
#include "guests.h"
#include "latencies.h"
#include "requests.h"
#include "support/bridge.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/test_vm.h"
#include "watch.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <thread>

// What stands in the way of others while its unplug is pending, and cancelling that.

using namespace hotplug::test;

namespace {

constexpr const char* unknownOperation = "00000000-0000-4000-8000-000000000009";

/// A disk and a NIC that a deaf guest does not let go of, with everything given that a device can be known by.
struct DeafGuest {
    explicit DeafGuest(TestHost& host)
        : image(makeRaw(host.imageRoot() / "d.img")), other(makeRaw(host.imageRoot() / "o.img")),
          disk(drive(image, {{"deviceId", "stuck"}, {"serial", "STUCK-1"}, {"index", "5"}, {"bootOrder", "3"}, {"address", pciAddress(5)}})),
          card(nic(bridge.name(), {{"deviceId", "stuck-nic"}, {"macAddr", mac}, {"address", pciAddress(6)}})), daemon(host),
          vm(daemon, {.deaf = true})
    {
        vm.boot();
        vm.must("hotplugDisk", disk);
        vm.must("hotplugNic", card);
    }

    std::string unplug(const char* verb, const char* device)
    {
        const auto reply = vm.call(verb, with(deviceId(device), {{"timeout", 200}}));
        INFO(reply.text());
        CHECK(reply.outcome() == "pending");
        return idOf(reply);
    }

    /// A reset answers whatever QEMU was asked.
    void reset()
    {
        const auto mark = vm.console().mark();
        vm.tell("reboot");
        vm.console().waitFor(mark, "ready");
    }

    static constexpr const char* mac = "52:54:00:00:00:99";
    Bridge bridge;
    const std::string image, other;
    const Json::Value disk, card;
    Hotplugd daemon;
    TestVm vm;
};

/// A plug of something new that needs what a device has.
struct Claim {
    const char* verb;
    Json::Value params;
    const char *reason, *field, *holder;
};

std::vector<Claim> claimsOn(const DeafGuest& guest)
{
    const auto disk = [&guest](Members more) { return drive(guest.other, more); };
    const auto card = [&guest](Members more) { return nic(guest.bridge.name(), more); };
    return {
        {"hotplugDisk", drive(guest.image), "HAS_PENDING_UNPLUG", "/drive/path", "ua-stuck"},
        {"hotplugDisk", drive(guest.image, {{"iface", "scsi"}, {"deviceId", "x"}}), "HAS_PENDING_UNPLUG", "/drive/path", "ua-stuck"},
        {"hotplugDisk", disk({{"deviceId", "stuck"}}), "HAS_PENDING_UNPLUG", "/drive/deviceId", "ua-stuck"},
        {"hotplugDisk", disk({{"serial", "STUCK-1"}}), "SERIAL_DUPLICATE", "/drive/serial", "ua-stuck"},
        {"hotplugDisk", disk({{"bootOrder", "3"}}), "BOOT_ORDER_IN_USE", "/drive/bootOrder", "ua-stuck"},
        {"hotplugDisk", disk({{"address", pciAddress(5)}}), "ADDRESS_IN_USE", "/drive/address", "ua-stuck"},
        {"hotplugDisk", disk({{"address", pciAddress(6)}}), "ADDRESS_IN_USE", "/drive/address", "ua-stuck-nic"},
        {"hotplugNic", card({{"address", pciAddress(5)}}), "ADDRESS_IN_USE", "/nic/address", "ua-stuck"},
        {"hotplugNic", card({{"address", pciAddress(6)}}), "ADDRESS_IN_USE", "/nic/address", "ua-stuck-nic"},
        {"hotplugNic", card({{"deviceId", "stuck-nic"}}), "HAS_PENDING_UNPLUG", "/nic/deviceId", "ua-stuck-nic"},
        {"hotplugNic", card({{"deviceId", "stuck"}}), "HAS_PENDING_UNPLUG", "/nic/deviceId", "ua-stuck"},
        {"hotplugNic", card({{"macAddr", guest.mac}}), "MAC_DUPLICATE", "/nic/macAddr", "ua-stuck-nic"},
    };
}

void requireRefused(DeafGuest& guest, const Claim& claim, bool dryRun)
{
    const auto reply = guest.vm.call(claim.verb, with(claim.params, {{"dryRun", dryRun}}));
    INFO(claim.verb << (dryRun ? ", dry run: " : ": ") << reply.text());
    CHECK(reply.outcome() == "refused");
    CHECK(reply.reason() == claim.reason);
    CHECK(reply.error["data"]["field"] == claim.field);
    CHECK(reply.error["data"]["conflictsWith"] == claim.holder);
}

} // namespace

TEST_CASE("K3 P5 R8: what needs anything of a device on its way out is refused until the guest has let go", "[integration]")
{
    TestHost host;
    DeafGuest guest(host);
    const auto disk = guest.unplug("hotunplugDisk", "stuck"), card = guest.unplug("hotunplugNic", "stuck-nic");
    for (const auto& claim : claimsOn(guest))
        for (const bool dryRun : {true, false})
            requireRefused(guest, claim, dryRun);
    // A target is a wish only: another one is taken.
    const auto wish = with(drive(guest.other, {{"index", "5"}}), {{"dryRun", true}});
    const auto next = [&] { return guest.vm.must("hotplugDisk", wish)["plan"]["target"]; };
    CHECK(next() != "vdf");

    guest.reset();
    CHECK(endOf(guest.daemon, disk) == "done");
    CHECK(endOf(guest.daemon, card) == "done");
    CHECK(next() == "vdf");
    for (const auto& claim : claimsOn(guest)) {
        INFO(claim.verb);
        CHECK(guest.vm.must(claim.verb, with(claim.params, {{"dryRun", true}}))["dryRun"] == true);
    }
    const auto back = guest.vm.must("hotplugDisk", guest.disk);
    CHECK(back["device"]["target"] == "vdf");
    guest.vm.must("hotplugNic", guest.card);
}

TEST_CASE("K3 K5: a cancelled unplug holds all that its device has, and asked again is an operation of its own", "[integration]")
{
    TestHost host;
    DeafGuest guest(host);
    auto waiting = inBackground(guest.daemon, "hotunplugDisk", with(deviceId("stuck"), {{"vmId", guest.vm.id()}}));
    std::string first;
    eventually("the unplug is under way", [&] {
        const auto open = guest.vm.must("listOperations", object({{"open", true}}))["operations"];
        first = open.empty() ? "" : open[0]["operationId"].asString();
        return !open.empty();
    });
    CHECK(cancel(guest.daemon, first).result["outcome"] == "cancelled");
    const auto told = waiting.get()["error"];                   // whoever waits is told
    CHECK(told["code"] == 46);
    CHECK(told["data"]["outcome"] == "cancelled");
    CHECK(told["data"]["reason"] == "CANCELLED");
    CHECK(told["data"]["operationId"] == first);

    CHECK(guest.vm.device("stuck")["state"] == "plugged");
    for (auto claim : claimsOn(guest)) {
        if (claim.reason == std::string("HAS_PENDING_UNPLUG"))
            claim.reason = "ALREADY_PLUGGED";
        requireRefused(guest, claim, false);
    }

    const auto second = guest.unplug("hotunplugDisk", "stuck");
    CHECK(second != first);
    const Watch watch(guest.daemon);
    guest.reset();
    CHECK(endOf(guest.daemon, second) == "done");
    CHECK(operationAt(guest.daemon, first)["outcome"] == "cancelled");
    CHECK(guest.vm.configXml().find("ua-stuck'") == std::string::npos);
    const auto events = guest.vm.must("watchEvents", object({{"after", watch.cursor()}, {"timeout", 0}}))["events"];
    CHECK(kindsOf(events) == Kinds{"done"});                    // it was the second one that it answered
}

TEST_CASE("K3 R5: a plug, an operation that has ended and one that never was cannot be cancelled", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    const auto disk = drive(makeRaw(host.imageRoot() / "d"), {{"iface", "scsi"}});
    const auto plugged = vm.must("hotplugDisk", disk), unplugged = vm.must("hotunplugDisk", disk);
    const auto requireNo = [&](const std::string& id, const char* reason) {
        const auto reply = cancel(daemon, id);
        INFO(reply.text());
        CHECK(reply.reason() == reason);
        CHECK(reply.outcome() == "refused");
        CHECK(reply.error["data"]["field"] == "/operationId");
    };
    requireNo(plugged["operationId"].asString(), "NOT_CANCELLABLE");
    requireNo(unplugged["operationId"].asString(), "NOT_CANCELLABLE");
    requireNo(unknownOperation, "OPERATION_NOT_FOUND");

    const Stopped stopped(host.qemus().front());
    const auto under = vm.call("hotplugDisk", with(disk, {{"timeout", 300}}));
    REQUIRE(under.outcome() == "pending");
    requireNo(idOf(under), "NOT_CANCELLABLE");
}

TEST_CASE("K3: a cancel that races with the guest's answer ends as one of the two, and so does the device", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();
    const auto disk = drive(makeRaw(host.imageRoot() / "d.img"), {{"deviceId", "d"}, {"serial", "RACE"}});
    std::map<std::string, int> ends;
    for (int i = 0; i < 12; ++i) {
        auto mark = vm.console().mark();
        vm.must("hotplugDisk", disk);
        vm.console().waitFor(mark, "add disk");
        Watch watch(daemon);
        auto unplug = inBackground(daemon, "hotunplugDisk", with(deviceId("d"), {{"vmId", vm.id()}}));
        const auto id = watch.next("requested")["operationId"].asString();
        std::this_thread::sleep_for(i * 15ms);                  // the guest takes about 100 ms
        const auto cancelled = askOnce(daemon, "cancelOperation", object({{"operationId", id}}));
        const Reply answer{cancelled["result"], cancelled["error"]};
        INFO(answer.text());
        const auto outcome = answer.ok() ? answer.result["outcome"].asString() : std::string("too late");
        ++ends[outcome];
        const auto told = unplug.get();
        CHECK((told.isMember("result") ? "done" : told["error"]["data"]["outcome"].asString())
            == (outcome == "cancelled" ? "cancelled" : "done"));
        vm.console().waitFor(mark, "del disk", {{"serial", "RACE"}});       // QEMU cannot take it back
        CHECK((answer.ok() || answer.reason() == "NOT_CANCELLABLE"));
        if (outcome != "cancelled") {
            CHECK(vm.configXml().find("ua-d'") == std::string::npos);
            continue;
        }
        CHECK(watch.next("removedAfterCancel")["operationId"] == id);
        CHECK(vm.liveXml().find("ua-d'") == std::string::npos);
        CHECK(vm.configXml().find("ua-d'") != std::string::npos);
        vm.must("hotunplugDisk", deviceId("d"));
    }
    for (const auto& [end, count] : ends)
        std::printf("cancels that raced with the guest: %s %d\n", end.c_str(), count);
}

TEST_CASE("K3 R2: a second unplug of a list joins the first, in any order; one of a part of it is refused", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.deaf = true});
    vm.boot();
    vm.must("hotplugDisk", drives({diskOf(makeRaw(host.imageRoot() / "1"), {{"deviceId", "one"}}),
        diskOf(makeRaw(host.imageRoot() / "2"), {{"deviceId", "two"}})}));
    const auto unplug = [&](const std::vector<Json::Value>& ids) {
        return vm.call("hotunplugDisk", with(drives(ids), {{"timeout", 200}}));
    };
    const auto first = unplug({deviceId("one"), deviceId("two")});
    REQUIRE(first.outcome() == "pending");
    CHECK(idOf(unplug({deviceId("two"), deviceId("one")})) == idOf(first));
    const auto part = unplug({deviceId("two")});
    CHECK(part.reason() == "HAS_PENDING_UNPLUG");
    CHECK(part.error["data"]["conflictsWith"] == "ua-two");

    CHECK(cancel(daemon, idOf(first)).result["outcome"] == "cancelled");
    const auto alone = unplug({deviceId("two")});
    CHECK(alone.outcome() == "pending");
    vm.destroy();
    CHECK(endOf(daemon, idOf(alone)) == "done");
    CHECK(vm.configXml().find("ua-one'") != std::string::npos);
    CHECK(vm.configXml().find("ua-two'") == std::string::npos);
}
