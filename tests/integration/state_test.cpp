#include "requests.h"
#include "support/bridge.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/test_vm.h"

using namespace hotplug::test;

namespace {

struct DeviceCall {
    const char* verb;
    int code;                                       ///< VDSM's, for a reason about the device or VM_NOT_UP (R5).
    Json::Value params;
};

std::vector<DeviceCall> deviceCalls(const std::string& image, const std::string& bridge)
{
    return {
        {"hotplugDisk", 45, drive(image)},
        {"hotunplugDisk", 46, drive(image)},
        {"hotplugNic", 49, nic(bridge)},
        {"hotunplugNic", 50, nic(bridge, {{"macAddr", "52:54:00:00:00:01"}})},
    };
}

void requireNotUp(TestVm& vm, const std::vector<DeviceCall>& calls)
{
    for (const auto& [verb, code, params] : calls)
        for (const bool dryRun : {false, true}) {
            INFO(verb << (dryRun ? ", dry run" : ""));
            const auto reply = vm.call(verb, with(params, {{"dryRun", dryRun}}));
            CHECK(reply.reason() == "VM_NOT_UP");
            CHECK(reply.code() == code);
            CHECK(reply.outcome() == "refused");
        }
}

} // namespace

TEST_CASE("A2 R5 R8: a VM that is down, paused or unknown is left alone, with the reason", "[integration]")
{
    TestHost host;
    Bridge bridge;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    const auto calls = deviceCalls(makeRaw(host.imageRoot() / "d.img"), bridge.name());

    CHECK(vm.status() == "Down");
    requireNotUp(vm, calls);

    vm.start();
    vm.pause();
    requireNotUp(vm, calls);
    vm.resume();
    vm.must(calls[0].verb, calls[0].params);        // nothing else was wrong with it

    for (const auto& [verb, code, params] : calls) {
        INFO(verb);
        const auto reply = daemon.call(verb, with(params, {{"vmId", "00000000-0000-4000-8000-000000000000"}}));
        CHECK(reply.reason() == "VM_NOT_FOUND");
        CHECK(reply.code() == 1);
    }
}

TEST_CASE("R3: a transient VM takes changes of the running VM only", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    vm.must("undefineVm", {});
    const auto disk = drive(makeRaw(host.imageRoot() / "d.img"), {{"iface", "scsi"}});
    CHECK(vm.call("hotplugDisk", with(disk, {{"persist", true}})).reason() == "VM_NOT_PERSISTENT");
    vm.must("hotplugDisk", disk);
    CHECK(vm.configXml().empty());
    vm.must("hotunplugDisk", disk);
}

TEST_CASE("A9: records of a newer hotplugd are shown as a problem and left alone", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.edit = [](auto& domain) {
        auto records = domain.append_child("metadata").append_child("hotplugd:vm");
        records.append_attribute("xmlns:hotplugd") = "urn:hotplugd:vm:1";
        records.append_attribute("version") = "999";
        records.append_attribute("counter") = "1";
    }});
    vm.start();
    const auto reply = vm.call("hotplugDisk", drive(makeRaw(host.imageRoot() / "d.img")));
    CHECK(reply.reason() == "RECORD_UNREADABLE");
    CHECK(reply.code() == 45);
    CHECK_FALSE(vm.must("getVm", {})["vm"]["problem"].asString().empty());
    CHECK(vm.configXml().find("version=\"999\"") != std::string::npos);
}
