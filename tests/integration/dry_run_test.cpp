#include "requests.h"
#include "support/bridge.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/test_vm.h"

#include "hotplugctl/format/json_text.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

using namespace hotplug::test;

namespace {

/// The XML that the journal kept, written before libvirt got it.
std::string journaledXml(const TestHost& host, const std::string& operationId)
{
    SQLite::Database journal(host.stateDir() / "journal.sqlite", SQLite::OPEN_READONLY, 5000);
    SQLite::Statement row(journal, "SELECT plan FROM operation WHERE id = ?");
    row.bind(1, operationId);
    std::string problem;
    const auto plan = row.executeStep() ? hotplug::ctl::parseJson(row.getColumn(0).getString(), problem) : std::nullopt;
    return plan ? (*plan)["deviceXml"].asString() : "";
}

void requirePlanIsKept(TestHost& host, TestVm& vm, const std::string& verb, const Json::Value& params)
{
    const auto dry = vm.must(verb, with(params, {{"dryRun", true}}));
    const auto plan = dry["plan"];
    CHECK(dry["dryRun"] == true);
    CHECK(plan["goal"] == "plug");
    CHECK(plan["persist"] == true);

    const auto real = vm.must(verb, params);
    CHECK(real["device"]["alias"] == plan["alias"]);
    CHECK(real["device"]["address"] == plan["address"]);
    if (verb == "hotplugDisk")
        CHECK(real["device"]["target"] == plan["target"]);
    CHECK(journaledXml(host, real["operationId"].asString()) == plan["xml"].asString());
}

} // namespace

TEST_CASE("R3 R8: a dry run shows the plan and touches nothing; the real plug uses exactly that XML", "[integration]")
{
    TestHost host;
    Bridge bridge;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    const auto disk = drive(makeRaw(host.imageRoot() / "d.img"), {{"serial", "DRY"}, {"cache", "none"}});
    requirePlanIsKept(host, vm, "hotplugDisk", disk);
    requirePlanIsKept(host, vm, "hotplugNic", nic(bridge.name(), {{"macAddr", "52:54:00:00:00:07"}}));
    requirePlanIsKept(host, vm, "hotplugDisk", drive(makeRaw(host.imageRoot() / "s.img"), {{"iface", "scsi"}}));

    const auto plan = vm.must("hotunplugDisk", with(disk, {{"dryRun", true}}))["plan"];
    CHECK(plan["goal"] == "unplug");
    CHECK(plan["xml"] == "");
    CHECK(vm.device(plan["deviceId"].asString())["state"] == "plugged");
    CHECK(vm.call("hotplugDisk", with(disk, {{"dryRun", true}})).reason() == "ALREADY_PLUGGED");
}
