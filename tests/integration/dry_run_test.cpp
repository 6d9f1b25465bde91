#include "requests.h"
#include "support/bridge.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/journal_row.h"
#include "support/test_vm.h"

using namespace hotplug::test;

namespace {

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
    CHECK(journalRow(host, real["operationId"].asString()).deviceXml() == plan["xml"].asString());
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
