#include "background.h"
#include "guests.h"
#include "requests.h"
#include "support/bridge.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/nbd_server.h"
#include "support/test_vm.h"
#include "watch.h"

#include <algorithm>
#include <future>
#include <set>

// A request id names one operation, whoever asks again, whenever.

using namespace hotplug::test;

namespace {

Json::Value request(const Json::Value& params, const char* id, Members more = {})
{
    return with(with(params, {{"requestId", id}}), more);
}

Json::Value engineForm(const TestVm& vm, const Json::Value& params)
{
    return object({{"vmID", vm.id()}, {"params", with(params, {{"vmId", vm.id()}})}});
}

std::size_t operationsOf(TestVm& vm)
{
    return vm.must("listOperations", {})["operations"].size();
}

/// A reply's operation, and how it went, in one.
struct Told {
    explicit Told(const Reply& reply) : id(idOf(reply)), outcome(reply.outcome()), reason(reply.reason()) {}
    bool operator==(const Told&) const = default;

    std::string id, outcome, reason;
};

std::ostream& operator<<(std::ostream& out, const Told& told)
{
    return out << told.outcome << ' ' << told.reason << ' ' << told.id;
}

} // namespace

TEST_CASE("R3 K4: a repeated request gets what the first one got, done, failed or pending, also after kill -9", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.deaf = true}), other(daemon);
    vm.boot();
    other.start();
    const auto held = makeRaw(host.imageRoot() / "held");
    const NbdServer writer(held, "held");           // unknown to libvirt, so that only QEMU's lock notices it
    const auto stuck = drive(makeRaw(host.imageRoot() / "stuck"), {{"deviceId", "stuck"}});
    struct Call {
        const char* verb;
        Json::Value params;
        const char* outcome;
    };
    const std::vector<Call> calls{{"hotplugDisk", request(stuck, "r-done"), "done"},
        {"hotplugDisk", request(drive(held), "r-failed"), "failed"},
        {"hotunplugDisk", request(stuck, "r-pending", {{"timeout", 300}}), "pending"}};
    std::vector<Told> first;
    for (const auto& [verb, params, outcome] : calls) {
        first.emplace_back(vm.call(verb, params));
        CHECK(first.back().outcome == outcome);
    }
    const auto known = operationsOf(vm);
    CHECK(known == 3);

    for (const bool crash : {false, true}) {
        INFO((crash ? "after kill -9" : "at once"));
        if (crash) {
            daemon.kill();
            daemon.start();
        }
        for (std::size_t i = 0; i < calls.size(); ++i) {
            const auto& [verb, params, outcome] = calls[i];
            CHECK(Told(vm.call(verb, params)) == first[i]);
            CHECK(Told(vm.call(verb, with(params, {{"timeout", 100}}))) == first[i]);
            CHECK(Told(daemon.call("VM." + std::string(verb), engineForm(vm, params))) == first[i]);
            for (const auto& reused : {vm.call(verb, with(params, {{"persist", false}})),
                     vm.call("hotunplugNic", request(deviceId("stuck"), params["requestId"].asCString())),
                     other.call(verb, params)}) {
                CHECK(reused.reason() == "REQUEST_ID_REUSED");
                CHECK(reused.outcome() == "refused");
                CHECK(reused.error["data"]["conflictsWith"] == first[i].id);
                CHECK(reused.error["data"]["field"] == "/requestId");
            }
        }
        CHECK(operationsOf(vm) == known);
        CHECK(operationsOf(other) == 0);
    }
    vm.destroy();
    CHECK(endOf(daemon, first[2].id) == "done");
    CHECK(vm.must("hotunplugDisk", calls[2].params)["operationId"] == first[2].id);     // though the VM is down
}

TEST_CASE("R3 K3: of two unplugs with ids of their own the second is answered by the first's operation for good", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.deaf = true});
    vm.boot();
    const auto disk = drive(makeRaw(host.imageRoot() / "d"), {{"deviceId", "d"}});
    vm.must("hotplugDisk", disk);
    const auto ask = [&](const char* id) { return vm.call("hotunplugDisk", request(deviceId("d"), id, {{"timeout", 300}})); };
    const auto first = ask("u-1"), second = ask("u-2");
    REQUIRE(first.outcome() == "pending");
    CHECK(idOf(second) == idOf(first));

    const auto mark = vm.console().mark();
    vm.tell("reboot");
    vm.console().waitFor(mark, "ready");
    CHECK(endOf(daemon, idOf(first)) == "done");
    // Nobody's id, by its own dictionary: what was asked has come about.
    const auto repeated = vm.must("hotunplugDisk", disk);
    CHECK(repeated["operationId"] == idOf(first));
    CHECK(repeated["device"]["state"] == "unplugged");

    vm.must("hotplugDisk", disk);
    daemon.kill();
    daemon.start();
    for (const auto* id : {"u-1", "u-2"})
        CHECK(idOf(ask(id)) == idOf(first));
    CHECK(vm.device("d")["state"] == "plugged");                // no retry takes the new one away
    CHECK(vm.call("hotunplugDisk", with(disk, {{"timeout", 300}})).outcome() == "pending");     // that is a new wish
}

TEST_CASE("R3 R8: neither a refusal nor a dry run uses a request id up", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    const auto image = host.imageRoot() / "late";
    const auto plug = request(drive(image, {{"iface", "scsi"}}), "r-1");
    CHECK(vm.call("hotplugDisk", plug).reason() == "SOURCE_NOT_FOUND");
    CHECK(vm.call("hotunplugNic", request(deviceId("x"), "r-1")).reason() == "DEVICE_NOT_FOUND");
    makeRaw(image);
    CHECK(vm.must("hotplugDisk", with(plug, {{"dryRun", true}}))["dryRun"] == true);
    CHECK(vm.call("hotunplugDisk", request(deviceId("x"), "r-1", {{"dryRun", true}})).reason() == "DEVICE_NOT_FOUND");
    const auto done = vm.must("hotplugDisk", plug);
    CHECK(vm.must("hotplugDisk", plug)["operationId"] == done["operationId"]);
    const auto waiting = vm.must("hotplugDisk", with(plug, {{"waitForGuest", true}, {"timeout", 500}}));
    CHECK(waiting["operationId"] == done["operationId"]);       // how long it is waited for is no part of the request
    CHECK(waiting["device"].isMember("guestSeen"));
    CHECK(operationsOf(vm) == 1);
}

TEST_CASE("R3: many simultaneous calls with one id are one operation", "[integration]")
{
    TestHost host;
    Bridge bridge;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();
    const auto disk = with(request(drive(makeRaw(host.imageRoot() / "d"), {{"serial", "ONE"}, {"deviceId", "d"}}), "r-disk"), {{"vmId", vm.id()}});
    const auto card = with(request(nic(bridge.name(), {{"deviceId", "n"}}), "r-nic"), {{"vmId", vm.id()}});
    const auto mark = vm.console().mark();
    struct Call {
        const char* verb;
        Json::Value params;
        const char* inGuest;
    };
    for (const auto& [verb, params, inGuest] : {Call{"hotplugDisk", disk, "add disk"}, {"hotplugNic", card, "add nic"},
             {"hotunplugDisk", request(disk, "u-disk"), "del disk"}, {"hotunplugNic", request(card, "u-nic"), "del nic"}}) {
        INFO(verb);
        std::vector<std::future<Json::Value>> callers;
        for (int i = 0; i < 16; ++i)
            callers.push_back(inBackground(daemon, verb, params));
        std::set<std::string> ids;
        for (auto& caller : callers)
            ids.insert(caller.get()["result"]["operationId"].asString());
        CHECK(ids.size() == 1);
        CHECK_FALSE(ids.contains(""));
        vm.console().waitFor(mark, inGuest);
    }
    CHECK(operationsOf(vm) == 4);
    CHECK(vm.console().lines(mark, "add disk").size() == 1);
    CHECK(vm.console().lines(mark, "add nic").size() == 1);
}
