#include "background.h"
#include "requests.h"
#include "support/catch.h"
#include "support/file_systems.h"
#include "support/images.h"
#include "support/journal_row.h"
#include "support/test_vm.h"
#include "watch.h"

#include <SQLiteCpp/Database.h>
#include <fstream>

// A journal that cannot be used: hotplugd says so, reads on and changes nothing.

using namespace hotplug::test;

namespace {

void requireRefused(const Reply& reply)
{
    INFO(reply.text());
    CHECK(reply.reason() == "JOURNAL_UNWRITABLE");
    CHECK(reply.code() == 99);
    CHECK(reply.outcome() == "refused");
}

/// Reads are answered, changes and everything about operations refused with what to do.
void requireReadingOnly(Hotplugd& daemon, TestVm& vm, const Json::Value& disk, const std::string& hint)
{
    daemon.must("ping", object({}));
    CHECK(vm.status() == "Up");
    CHECK(vm.device("kept")["state"] == "plugged");
    vm.must("capacity", {});
    vm.must("hotplugDisk", with(disk, {{"dryRun", true}}));
    const auto nobody = object({{"operationId", "00000000-0000-4000-8000-000000000001"}});
    for (const auto& [verb, params] : {std::pair{"hotplugDisk", disk}, {"hotplugDisk", with(disk, {{"requestId", "r"}})},
             {"hotunplugDisk", deviceId("kept")}}) {
        const auto reply = vm.call(verb, params);
        requireRefused(reply);
        CHECK(reply.error["message"].asString().find(hint) != std::string::npos);
    }
    requireRefused(vm.call("listOperations", object({})));
    requireRefused(vm.call("watchEvents", object({{"timeout", 100}})));
    requireRefused(daemon.call("getOperation", nobody));
    requireRefused(daemon.call("cancelOperation", nobody));
    CHECK(vm.device("kept")["state"] == "plugged");
}

/// An operation of which the journal knows the beginning and not the end: a plug that waits for a stopped QEMU.
struct Unwritten {
    TestHost& host;
    Hotplugd& daemon;
    TestVm& vm;

    /// `breaks` is called when the plug is in the journal. Returns the answer.
    template<typename Break> Json::Value plug(const Json::Value& disk, Break&& breaks)
    {
        std::future<Json::Value> reply;
        {
            const Stopped stopped(host.qemus().front());
            reply = inBackground(daemon, "hotplugDisk", with(disk, {{"vmId", vm.id()}}));
            eventually("the plug has begun", [&] { return vm.device("late")["state"] == "plugging"; });
            breaks();
        }
        return reply.get();
    }
};

} // namespace

TEST_CASE("K4: with a journal that cannot be used hotplugd reads, refuses changes, and leaves the file alone", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    vm.must("hotplugDisk", drive(makeRaw(host.imageRoot() / "k.img"), {{"deviceId", "kept"}, {"iface", "scsi"}}));
    REQUIRE(daemon.stop() == 0);
    const auto file = host.stateDir() / "journal.sqlite";
    const auto whole = readFile(file);
    auto broken = whole;
    std::string hint;
    SECTION("damaged") { broken.replace(4096, 4096, std::string(4096, '\x55')); hint = "restore it from a backup"; }
    SECTION("cut off") { broken.resize(broken.size() / 2 + 100); hint = "restore it from a backup"; }
    SECTION("not ours") { broken = std::string(5000, 'x'); hint = "restore it from a backup"; }
    SECTION("newer") { broken[60 + 3] = 99; hint = "install the newer hotplugd"; }      // SQLite's user_version
    std::ofstream(file, std::ios::binary) << broken;

    daemon.start();
    CHECK(daemon.log().find("nothing can be changed, only read") != std::string::npos);
    requireReadingOnly(daemon, vm, drive(makeRaw(host.imageRoot() / "d.img"), {{"iface", "scsi"}}), hint);
    REQUIRE(daemon.stop() == 0);
    CHECK(readFile(file) == broken);

    std::ofstream(file, std::ios::binary) << whole;     // mended: a restart is enough
    daemon.start();
    CHECK(vm.must("listOperations", object({}))["operations"].size() == 1);
    vm.must("hotunplugDisk", deviceId("kept"));
}

TEST_CASE("K4: on a read-only state directory hotplugd reads and refuses changes", "[integration]")
{
    TestHost host;
    SmallFileSystem disk(host.stateDir(), 2048);
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    vm.must("hotplugDisk", drive(makeRaw(host.imageRoot() / "k.img"), {{"deviceId", "kept"}, {"iface", "scsi"}}));
    REQUIRE(daemon.stop() == 0);
    disk.makeReadOnly();
    daemon.start();
    requireReadingOnly(daemon, vm, drive(makeRaw(host.imageRoot() / "d.img"), {{"iface", "scsi"}}), "restart hotplugd");
    REQUIRE(daemon.stop() == 0);
    disk.makeWritable();
    daemon.start();
    vm.must("hotunplugDisk", deviceId("kept"));
}

TEST_CASE("K4: without a state directory hotplugd starts, reads and refuses changes", "[integration]")
{
    TestHost host;
    std::filesystem::remove_all(host.stateDir());
    Hotplugd daemon(host);
    daemon.must("listVms", object({}));
    requireRefused(daemon.call("listOperations", object({})));
    CHECK_FALSE(std::filesystem::exists(host.stateDir()));
}

TEST_CASE("K4 K5: a full state directory refuses plugs, and one under way ends and is written down once there is room", "[integration]")
{
    TestHost host;
    SmallFileSystem disk(host.stateDir(), 1024);
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();
    const auto late = drive(makeRaw(host.imageRoot() / "d.img"), {{"deviceId", "late"}, {"serial", "LATE"}});
    const auto mark = vm.console().mark();
    const auto reply = Unwritten{host, daemon, vm}.plug(late, [&] { disk.fillUp(); });
    INFO(hotplug::ctl::compactJson(reply));
    REQUIRE(reply["result"]["status"]["code"] == 0);    // its caller is told the truth
    vm.console().waitFor(mark, "add disk", {{"serial", "LATE"}});
    const auto operation = reply["result"]["operationId"].asString();
    CHECK(journalRow(host, operation).outcome == "running");
    CHECK(vm.device("late")["state"] == "plugged");
    const auto more = drive(makeRaw(host.imageRoot() / "e.img"), {{"deviceId", "more"}});
    requireRefused(vm.call("hotplugDisk", more));
    requireRefused(vm.call("hotunplugDisk", deviceId("late")));
    CHECK(vm.must("listOperations", object({}))["operations"].size() == 1);

    const bool crash = GENERATE(false, true);
    if (crash)
        daemon.kill();
    disk.makeRoom();
    if (crash)
        daemon.start();
    eventually("the end is written down", [&] { return journalRow(host, operation).outcome == "done"; });
    eventually("changes go on", [&] { return vm.call("hotplugDisk", more).ok(); });
    vm.must("hotunplugDisk", deviceId("late"));
    CHECK(vm.device("late").isNull());
}

TEST_CASE("K4: when the state directory's disk breaks changes are refused; mended, the open end is settled", "[integration]")
{
    TestHost host;
    BreakingFileSystem disk(host.stateDir(), host.path() / "disk");
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();
    const auto late = drive(makeRaw(host.imageRoot() / "d.img"), {{"deviceId", "late"}, {"serial", "LATE"}});
    const auto reply = Unwritten{host, daemon, vm}.plug(late, [&] { disk.breakNow(); });
    INFO(hotplug::ctl::compactJson(reply));
    REQUIRE(reply["result"]["status"]["code"] == 0);
    const auto operation = reply["result"]["operationId"].asString();
    CHECK(vm.device("late")["state"] == "plugged");
    requireRefused(vm.call("hotunplugDisk", deviceId("late")));

    REQUIRE(daemon.stop() == 0);
    disk.mend();
    daemon.start();
    eventually("the end is settled", [&] { return journalRow(host, operation).outcome == "done"; });
    CHECK(vm.device("late")["state"] == "plugged");
    eventually("changes go on", [&] { return vm.call("hotunplugDisk", deviceId("late")).ok(); });
}

TEST_CASE("K4: history is as long as configured", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host, {"--journal-operations", "3", "--journal-events", "8", "--journal-days", "1"});
    TestVm vm(daemon);
    vm.boot();
    const auto disk = drive(makeRaw(host.imageRoot() / "d.img"), {{"deviceId", "d"}, {"iface", "scsi"}});
    for (int round = 0; round < 5; ++round) {
        vm.must("hotplugDisk", disk);
        vm.must("hotunplugDisk", disk);
    }
    REQUIRE(daemon.stop() == 0);
    daemon.start();
    CHECK(vm.must("listOperations", object({}))["operations"].size() == 3);
    CHECK(daemon.call("watchEvents", object({{"after", "0"}, {"timeout", 0}})).reason() == "CURSOR_TOO_OLD");
}
