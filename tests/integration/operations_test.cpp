#include "background.h"
#include "requests.h"
#include "support/bridge.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/libvirtd.h"
#include "support/test_vm.h"
#include "watch.h"

#include "hotplugctl/format/json_text.h"

#include <algorithm>
#include <sstream>

// What was asked is known by its request and its operation, whatever becomes of hotplugd meanwhile.

using namespace hotplug::test;
using hotplug::Clock;

namespace {

Json::Value request(const Json::Value& params, const char* id)
{
    return with(params, {{"requestId", id}});
}

Finished runCtl(const TestHost& host, std::vector<std::string> words)
{
    words.insert(words.begin(), {HOTPLUGCTL_BINARY, "--socket", host.socket()});
    return runProgram(words);
}

std::vector<Json::Value> jsonLines(const std::string& text)
{
    std::vector<Json::Value> lines;
    std::istringstream in(text);
    for (std::string line, problem; std::getline(in, line);)
        lines.push_back(hotplug::ctl::parseJson(line, problem).value());
    return lines;
}

} // namespace

TEST_CASE("R3 K4: a request repeated after a crash is answered with what became of it, and done once", "[integration]")
{
    TestHost host;
    Bridge bridge;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();
    const auto disk = request(drive(makeRaw(host.imageRoot() / "d.img"), {{"deviceId", "d"}, {"serial", "ONCE"}}), "disk-1");
    const auto card = request(nic(bridge.name()), "nic-1");
    const auto mark = vm.console().mark();
    const auto plugged = vm.must("hotplugDisk", disk);
    const auto pluggedCard = vm.must("hotplugNic", card);
    vm.console().waitFor(mark, "add disk");
    vm.console().waitFor(mark, "add nic");

    daemon.kill();
    daemon.start();
    const auto again = vm.must("hotplugDisk", disk);
    CHECK(again["operationId"] == plugged["operationId"]);
    CHECK(again["device"] == plugged["device"]);
    const auto engine = daemon.must("VM.hotplugDisk", object({{"vmID", vm.id()}, {"params", disk}}));
    CHECK(engine["operationId"] == plugged["operationId"]);
    const auto againCard = vm.must("hotplugNic", card);
    CHECK(againCard["operationId"] == pluggedCard["operationId"]);
    CHECK(againCard["devices"] == pluggedCard["devices"]);
    CHECK(againCard["xml"].asString().find(pluggedCard["devices"][0]["macAddr"].asString()) != std::string::npos);
    CHECK(vm.guestDevices("disk").size() == 1);
    CHECK(vm.guestDevices("nic").size() == 1);

    const auto other = vm.call("hotplugDisk", request(drive(makeRaw(host.imageRoot() / "e.img")), "disk-1"));
    INFO(other.text());
    CHECK(other.reason() == "REQUEST_ID_REUSED");
    CHECK(other.outcome() == "refused");
    CHECK(other.error["data"]["conflictsWith"] == plugged["operationId"]);
    CHECK(vm.call("hotunplugDisk", request(deviceId("d"), "disk-1")).reason() == "REQUEST_ID_REUSED");

    vm.must("hotunplugDisk", request(deviceId("d"), "disk-2"));
    vm.must("hotunplugDisk", request(deviceId("d"), "disk-2"));     // it is gone, and that is what was asked
    CHECK(vm.call("hotunplugDisk", deviceId("d")).reason() == "DEVICE_NOT_FOUND");
}

TEST_CASE("K3 K9 W: a pending unplug is listed, told, cancelled, and noticed when it happens after all", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.deaf = true});
    vm.boot();
    vm.must("hotplugDisk", drive(makeRaw(host.imageRoot() / "d.img"), {{"deviceId", "stuck"}}));
    const auto unplug = with(deviceId("stuck"), {{"timeout", 300}, {"requestId", "u-1"}});
    const auto pending = idOf(vm.call("hotunplugDisk", unplug));
    REQUIRE_FALSE(pending.empty());

    const auto open = vm.must("listOperations", object({{"open", true}}))["operations"];
    REQUIRE(open.size() == 1);
    CHECK(open[0]["operationId"] == pending);
    CHECK(open[0]["outcome"] == "pending");
    CHECK(open[0]["devices"][0]["deviceId"] == "stuck");
    CHECK(vm.must("listOperations", {})["operations"].size() == 2);
    Watch(daemon, "0").next("pending");             // its caller knows before the timeline does
    const auto told = operationAt(daemon, pending);
    CHECK(told["deviceId"] == "stuck");
    CHECK(kindsOf(told["timeline"]) == Kinds{"started", "requested", "pending"});

    Watch watch(daemon);
    CHECK(daemon.must("cancelOperation", object({{"operationId", pending}}))["outcome"] == "cancelled");
    CHECK(watch.next("cancelled")["operationId"] == pending);
    const auto answer = vm.call("hotunplugDisk", unplug);
    CHECK(answer.reason() == "CANCELLED");
    CHECK(answer.outcome() == "cancelled");
    CHECK(answer.code() == 46);
    const auto twice = daemon.call("cancelOperation", object({{"operationId", pending}}));
    CHECK(twice.reason() == "NOT_CANCELLABLE");
    CHECK(twice.outcome() == "refused");
    CHECK(vm.device("stuck")["state"] == "plugged");

    // A reset is an answer that QEMU was still waiting for.
    const auto mark = vm.console().mark();
    vm.tell("reboot");
    vm.console().waitFor(mark, "ready");
    const auto removed = watch.next("removedAfterCancel");
    CHECK(removed["operationId"] == pending);
    CHECK(removed["alias"] == "ua-stuck");
    CHECK(vm.liveXml().find("ua-stuck") == std::string::npos);
    CHECK(vm.configXml().find("ua-stuck") != std::string::npos);
    vm.must("hotunplugDisk", deviceId("stuck"));                    // asked for, the rest goes too
    CHECK(vm.configXml().find("ua-stuck") == std::string::npos);
}

TEST_CASE("K9: who watches with a cursor misses nothing and hears nothing twice, across a crash", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon), other(daemon);
    vm.boot();
    other.start();
    const Watch watch(daemon);
    const auto file = host.path() / "watched";
    Process watching({HOTPLUGCTL_BINARY, "--socket", host.socket(), "watch", vm.name(), "--json", "--after", watch.cursor()},
        {.out = file, .err = host.path() / "watch-errors", .environment = {}});

    const auto disk = drive(makeRaw(host.imageRoot() / "d.img"), {{"deviceId", "d"}});
    vm.must("hotplugDisk", disk);
    other.must("hotplugDisk", drive(makeRaw(host.imageRoot() / "o.img"), {{"iface", "scsi"}}));
    daemon.kill();
    daemon.start();
    vm.must("hotunplugDisk", disk);
    eventually("the watcher is told of the end", [&] {
        const auto text = readFile(file);
        return std::ranges::count(text, '\n') >= 5;
    });
    watching.signal(SIGINT);
    watching.wait();

    const auto page = vm.must("watchEvents", object({{"after", watch.cursor()}, {"timeout", 0}}));
    CHECK(kindsOf(page["events"]) == Kinds{"started", "done", "started", "requested", "done"});
    const auto seen = jsonLines(readFile(file));
    CHECK(seen == std::vector<Json::Value>(page["events"].begin(), page["events"].end()));
    CHECK(daemon.must("watchEvents", object({{"after", watch.cursor()}, {"timeout", 0}}))["events"].size() == page["events"].size() + 2);
    CHECK(daemon.call("watchEvents", object({{"after", "999999999"}})).reason() == "CURSOR_TOO_OLD");
}

TEST_CASE("K8 K9: a device that the guest ejects by itself is an event, once", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();
    auto mark = vm.console().mark();
    vm.must("hotplugDisk", drive(makeRaw(host.imageRoot() / "d.img"), {{"serial", "GONE"}, {"deviceId", "gone"}}));
    const auto seen = vm.console().waitFor(mark, "add disk", {{"serial", "GONE"}});
    Watch watch(daemon);
    const auto start = watch.cursor();
    vm.tell("eject " + seen["address"]);
    const auto event = watch.next("drift");
    CHECK(event["vmId"] == vm.id());
    CHECK(event["deviceId"] == "gone");
    CHECK_FALSE(event.isMember("operationId"));
    CHECK_FALSE(event["sentence"].asString().empty());

    REQUIRE(daemon.stop() == 0);
    daemon.start();
    vm.must("hotunplugDisk", deviceId("gone"));
    const auto events = daemon.must("watchEvents", object({{"after", start}, {"timeout", 0}}))["events"];
    CHECK(std::count_if(events.begin(), events.end(), [](const auto& one) { return one["kind"] == "drift"; }) == 1);
}

TEST_CASE("K4 R5: while a restart settles a VM's operation its changes answer 99, and what is known is answered", "[integration]")
{
    TestHost host;
    const Libvirtd libvirtd(host);
    Hotplugd daemon(host);
    TestVm vm(daemon, {.deaf = true});
    vm.boot();
    const auto disk = request(drive(makeRaw(host.imageRoot() / "d.img"), {{"deviceId", "stuck"}}), "p-1");
    const auto plugged = vm.must("hotplugDisk", disk);
    const auto pending = idOf(vm.call("hotunplugDisk", with(deviceId("stuck"), {{"timeout", 300}})));
    Watch(daemon, "0").next("pending");             // in the journal too
    daemon.kill();
    const auto more = drive(makeRaw(host.imageRoot() / "e.img"), {{"iface", "scsi"}});
    {
        const Stopped stopped(host.qemus().front());
        daemon.start();
        const auto reply = vm.call("hotplugDisk", more);
        INFO(reply.text());
        CHECK(reply.reason() == "RECOVERING");
        CHECK(reply.code() == 99);
        CHECK(vm.must("hotplugDisk", disk)["operationId"] == plugged["operationId"]);
        CHECK(operationAt(daemon, pending)["outcome"] == "pending");
    }
    eventually("its changes go on", [&] { return vm.call("hotplugDisk", more).ok(); });
    CHECK(daemon.must("cancelOperation", object({{"operationId", pending}}))["outcome"] == "cancelled");
}

TEST_CASE("W K3: hotplugctl lists, shows and cancels operations", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.deaf = true});
    vm.start();
    const auto image = makeRaw(host.imageRoot() / "d.img");
    CHECK(runCtl(host, {"plug-disk", vm.name(), "--source", image, "--format", "raw", "--id", "stuck", "--request-id", "cli-1"}).code == 0);
    CHECK(runCtl(host, {"plug-disk", vm.name(), "--source", image, "--format", "raw", "--id", "stuck", "--request-id", "cli-1"}).code == 0);
    CHECK(runCtl(host, {"unplug-disk", vm.name(), "stuck", "--timeout", "0.3"}).code == 4);

    const auto id = vm.must("listOperations", object({{"open", true}}))["operations"][0]["operationId"].asString();
    const auto table = runCtl(host, {"operations", vm.name(), "--open"});
    CHECK(table.code == 0);
    CHECK(table.out.find(id) != std::string::npos);
    const auto shown = runCtl(host, {"operation", id});
    CHECK(shown.code == 0);
    CHECK(shown.out.find("requested") != std::string::npos);
    CHECK(runCtl(host, {"cancel", id}).code == 0);
    CHECK(runCtl(host, {"cancel", id}).code == 2);
    CHECK(runCtl(host, {"operation", "00000000-0000-4000-8000-000000000009"}).code == 2);
    CHECK(runCtl(host, {"watch", "--after", "0", "--timeout", "0"}).out.find("cancelled") != std::string::npos);
    CHECK(daemon.call("getOperation", object({{"operationId", "00000000-0000-4000-8000-000000000009"}})).reason() == "OPERATION_NOT_FOUND");
}
