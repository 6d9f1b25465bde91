#include "background.h"
#include "support/catch.h"
#include "support/libvirtd_pair.h"
#include "virsh.h"
#include "whereabouts.h"

#include "hotplugctl/format/json_text.h"

#include <cstdio>
#include <map>
#include <thread>

// A VM that migrates takes its devices and their records along, and what was open ends where it was begun.

using namespace hotplug::test;
using hotplug::Clock;

namespace {

std::string unplugPending(TestVm& vm, const Subject& subject)
{
    const auto reply = vm.call(subject.unplugVerb, with(deviceId(subject.id), {{"timeout", 300}}));
    INFO(reply.text());
    REQUIRE(reply.outcome() == "pending");
    return reply.error["data"]["operationId"].asString();
}

/// As listed, but for what the guest has read since its QEMU started, and for taps, which each host names.
std::string devicesOf(TestVm& vm)
{
    auto devices = vm.must("listDevices", object({}))["devices"];
    for (auto& device : devices)
        for (const auto* key : {"guestSeen", "target"})
            if (device["kind"] == "nic" || std::string(key) != "target")
                device.removeMember(key);
    return hotplug::ctl::compactJson(devices);
}

bool toldOf(Hotplugd& daemon, const std::string& kind, const std::string& alias)
{
    const auto page = daemon.must("watchEvents", object({{"after", "0"}, {"timeout", 0}}));
    for (const auto& event : page["events"])
        if (event["kind"] == kind && (event["alias"] == alias || event["alias"].asString().empty()))
            return true;
    return false;
}

} // namespace

TEST_CASE("C13: a VM migrates with all that was plugged into it, and its new host knows each device", "[integration]")
{
    LibvirtdPair pair;
    Bridge bridge;
    TestVm vm(pair.daemonHere), moved(pair.daemonThere, vm);
    vm.boot();
    const auto disk = diskSubject(pair.here, "d"), scsi = diskSubject(pair.here, "s", {{"iface", "scsi"}});
    const auto card = nicSubject(bridge, "n");
    for (const auto& subject : {disk, scsi, card})
        vm.must(subject.plugVerb, subject.plug);
    const auto before = devicesOf(vm);

    Migration(vm, pair.here, pair.there).finish();
    CHECK(vm.call("listDevices", object({})).reason() == "VM_NOT_FOUND");
    CHECK(devicesOf(moved) == before);
    for (const auto& subject : {disk, scsi, card}) {
        CHECK(whereIs(moved, subject) == everywhere);
        moved.must(subject.unplugVerb, deviceId(subject.id));
        CHECK(whereIs(moved, subject) == nowhere);
    }
    moved.must(disk.plugVerb, disk.plug);
}

TEST_CASE("K10 R5: while a VM migrates nothing is asked of it, with code 51, and everything is read", "[integration]")
{
    LibvirtdPair pair;
    Bridge bridge;
    TestVm vm(pair.daemonHere, {.deaf = true}), moved(pair.daemonThere, vm);
    vm.boot();
    const auto disk = diskSubject(pair.here, "d"), more = diskSubject(pair.here, "more");
    const auto card = nicSubject(bridge, "n");
    vm.must(disk.plugVerb, disk.plug);
    vm.must(card.plugVerb, card.plug);
    const auto pending = unplugPending(vm, disk);

    Migration migration(vm, pair.here, pair.there, {.bandwidth = 1});
    migration.begun();
    for (const auto& [verb, params] : {std::pair{more.plugVerb, more.plug}, {card.unplugVerb, deviceId("n")}}) {
        const auto start = Clock::now();
        const auto reply = vm.call(verb, params);
        INFO(verb << ": " << reply.text());
        CHECK(Clock::now() - start < 2s);
        CHECK(reply.code() == 51);
        CHECK(reply.reason() == "MIGRATING");
        CHECK(reply.outcome() == "refused");
    }
    CHECK(vm.device("d")["state"] == "unplugging");
    CHECK(vm.must("capacity", object({})).isObject());
    eventually("its new QEMU waits for it", [&] { return moved.status() == "Paused"; });
    const auto atDestination = moved.call(more.plugVerb, more.plug);
    INFO("the destination says " << atDestination.text());
    CHECK(atDestination.outcome() == "refused");

    // It is over without an end, and the guest, which is asked on, lets go.
    migration.abort();
    CHECK(migration.failed());
    const auto mark = vm.console().mark();
    vm.tell("reboot");
    vm.console().waitFor(mark, "ready");
    CHECK(outcomeOf(pair.daemonHere, pending) == "done");
    CHECK(whereIs(vm, disk) == nowhere);
    vm.must(more.plugVerb, more.plug);
}

namespace {

/// It is moved where the VM leaves from, and noticed where it happens.
void migrateWithPendingUnplug(bool transient, const Migration::Options& options)
{
    LibvirtdPair pair;
    TestVm vm(pair.daemonHere, {.deaf = true}), moved(pair.daemonThere, vm);
    vm.boot();
    const auto disk = diskSubject(pair.here, "d");
    vm.must(disk.plugVerb, disk.plug);
    if (transient)
        mustVirsh(pair.here, {"undefine", vm.name()});
    const auto pending = unplugPending(vm, disk);

    Migration(vm, pair.here, pair.there, options).finish();
    CHECK(outcomeOf(pair.daemonHere, pending) == "moved");
    CHECK(operation(pair.daemonHere, pending)["reason"] == "MIGRATING");
    CHECK(toldOf(pair.daemonHere, "moved", "ua-d"));
    CHECK((vm.configXml().find("ua-d") != std::string::npos) == (!options.undefine && !transient));
    CHECK(moved.device("d")["state"] == "plugged");

    moved.tell("reboot");
    eventually("the device leaves there", [&] { return moved.liveXml().find("ua-d") == std::string::npos; });
    eventually("its hotplugd tells of it", [&] { return toldOf(pair.daemonThere, "drift", "ua-d"); });
    CHECK(moved.device("d")["state"] == "drifted");
    moved.must(disk.unplugVerb, deviceId("d"));     // asked for, the rest goes too
    moved.must(disk.plugVerb, disk.plug);
}

} // namespace

TEST_CASE("K10 C13: an unplug that is pending when the VM migrates is moved, and noticed when it happens there", "[integration]")
{
    migrateWithPendingUnplug(false, {.undefine = true, .persist = true});
}

TEST_CASE("K10 C13: so it is when the VM stays defined here or is transient", "[integration][.long]")
{
    SECTION("still defined") { migrateWithPendingUnplug(false, {.undefine = false, .persist = true}); }
    SECTION("transient") { migrateWithPendingUnplug(true, {.undefine = false, .persist = false}); }
}

TEST_CASE("K10 K4: a hotplugd that did not see the VM migrate learns of it from the definition", "[integration]")
{
    LibvirtdPair pair;
    TestVm vm(pair.daemonHere, {.deaf = true}), moved(pair.daemonThere, vm);
    vm.boot();
    const auto disk = diskSubject(pair.here, "d");
    vm.must(disk.plugVerb, disk.plug);
    const auto pending = unplugPending(vm, disk);
    pair.daemonHere.kill();
    Migration(vm, pair.here, pair.there, {.undefine = false}).finish();
    pair.daemonHere.start();
    CHECK(outcomeOf(pair.daemonHere, pending) == "moved");
    CHECK(vm.configXml().find("ua-d") != std::string::npos);
}

namespace {

/// Where a device is, of a VM that is on its way.
struct Host {
    TestHost& host;
    Hotplugd& daemon;
    TestVm& vm;
};

/// A change and a migration of its VM at nearly the same time; how the change ended.
std::string changeWhileItLeaves(Host from, Host to, const std::string& verb, const Json::Value& params, std::chrono::milliseconds after)
{
    Migration migration(from.vm, from.host, to.host);
    std::this_thread::sleep_for(after);
    auto reply = inBackground(from.daemon, verb, with(params, {{"vmId", from.vm.id()}}));
    migration.finish();
    to.vm.hasCome();
    const auto answer = reply.get();
    INFO(hotplug::ctl::compactJson(answer));
    if (answer.isMember("result"))
        return "done";
    const auto& data = answer["error"]["data"];
    CHECK((answer["error"]["code"] == 51 || data["reason"] == "VM_NOT_FOUND" || data["reason"] == "VM_NOT_UP"));
    return data["outcome"].asString();
}

void expectDeviceAsTold(const std::string& verb, const std::string& outcome, const Whereabouts& seen)
{
    CHECK((outcome == "done" || outcome == "moved" || outcome == "failed" || outcome == "refused"));
    CHECK((seen.qemuDevice == seen.live && seen.qemuBackend == seen.live));
    if (verb.starts_with("hotplug"))
        CHECK(seen.live == (outcome == "done" || outcome == "moved"));
    else if (outcome != "moved")                    // the guest may have been asked, and may let go of it yet
        CHECK(seen.live != (outcome == "done"));
}

/// The VM goes to and fro; as it goes a device is plugged, as it comes back one is unplugged.
void changeInRounds(int rounds, std::chrono::milliseconds latest)
{
    LibvirtdPair pair;
    TestVm vm(pair.daemonHere), moved(pair.daemonThere, vm);
    vm.boot();
    const Host here{pair.here, pair.daemonHere, vm}, there{pair.there, pair.daemonThere, moved};
    std::map<std::string, int> outcomes;
    for (int round = 0; round < rounds; ++round) {
        const auto subject = diskSubject(pair.here, "d" + std::to_string(round), {{"iface", "scsi"}});
        const auto after = latest * round / rounds;
        auto outcome = changeWhileItLeaves(here, there, subject.plugVerb, subject.plug, after);
        INFO("round " << round << ", " << after.count() << " ms: plug " << outcome);
        ++outcomes["plug " + outcome];
        expectDeviceAsTold(subject.plugVerb, outcome, whereIs(moved, subject));
        if (outcome == "failed" || outcome == "refused")
            moved.must(subject.plugVerb, subject.plug);

        outcome = changeWhileItLeaves(there, here, subject.unplugVerb, deviceId(subject.id), after);
        INFO("unplug " << outcome);
        ++outcomes["unplug " + outcome];
        expectDeviceAsTold(subject.unplugVerb, outcome, whereIs(vm, subject));
        if (whereIs(vm, subject).live)
            vm.must(subject.unplugVerb, deviceId(subject.id));
    }
    for (const auto& [outcome, count] : outcomes)
        std::printf("%d changes that met a migration: %s\n", count, outcome.c_str());
}

} // namespace

TEST_CASE("K10: a change that meets a migration ends where the device is", "[integration]")
{
    changeInRounds(2, 240ms);
}

TEST_CASE("K10: a change that meets a migration anywhere ends where the device is", "[integration][.long]")
{
    changeInRounds(16, 240ms);
}
