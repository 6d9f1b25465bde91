#include "requests.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/test_vm.h"

#include <algorithm>

using namespace hotplug::test;

namespace {

constexpr unsigned many = 40;

std::size_t controllersIn(const std::string& domainXml)
{
    return parseDomain(domainXml).select_nodes("//controller").size();
}

/// In lists of as many as one call takes.
void plugOnScsi(TestVm& vm, const TestHost& host, unsigned count)
{
    constexpr std::size_t atOnce = 16;
    std::vector<Json::Value> some;
    for (unsigned i = 0; i < count; ++i) {
        const auto name = "S-" + std::to_string(i);
        some.push_back(diskOf(makeRaw(host.imageRoot() / name, 1), {{"iface", "scsi"}, {"serial", name}}));
        if (some.size() < atOnce && i + 1 < count)
            continue;
        vm.must("hotplugDisk", drives(some));
        some.clear();
    }
}

} // namespace

TEST_CASE("P3 C3: forty SCSI disks go on one controller, none is added, and the guest counts forty", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();
    const auto live = controllersIn(vm.liveXml()), config = controllersIn(vm.configXml());
    const auto units = vm.must("capacity", {})["capacity"]["scsiUnits"].asUInt();
    CHECK(units == 256 * 256);

    const auto mark = vm.console().mark();
    plugOnScsi(vm, host, many);
    for (unsigned i = 0; i < many; ++i) {
        const auto seen = vm.console().waitFor(mark, "add disk", {{"serial", "S-" + std::to_string(i)}});
        CHECK(seen["address"].ends_with(":0:0:" + std::to_string(i)));
    }
    CHECK(vm.guestDevices("disk", {{"bus", "scsi"}}).size() == many);
    CHECK(controllersIn(vm.liveXml()) == live);
    CHECK(controllersIn(vm.configXml()) == config);
    CHECK(vm.must("capacity", {})["capacity"]["scsiUnits"].asUInt() == units - many);
}

TEST_CASE("P3 A5 R8: a SCSI unit that is asked for is used or refused, and the lowest hole is filled", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();
    unsigned count = 0;
    const auto disk = [&](const Json::Value& address) {
        const auto serial = "S-" + std::to_string(++count);
        return drive(makeRaw(host.imageRoot() / serial), {{"iface", "scsi"}, {"serial", serial}, {"address", address}});
    };
    const auto at = [](unsigned controller, unsigned bus, unsigned target, unsigned unit) {
        return object(
            {{"type", "drive"}, {"controller", controller}, {"bus", bus}, {"target", target}, {"unit", unit}});
    };

    // Asked for, or chosen where nothing is asked: 0, then 2, around the 1 that is taken.
    struct Plug {
        Json::Value asked;
        const char* got;
    };
    for (const auto& [asked, got] : {Plug{at(0, 0, 0, 1), "0:0:1"}, {"", "0:0:0"}, {"", "0:0:2"},
             {at(0, 0, 3, 200), "0:3:200"}, {scsiAddress(255), "0:0:255"}, {"", "0:0:3"}}) {
        const auto mark = vm.console().mark();
        const auto reply = vm.must("hotplugDisk", disk(asked));
        CHECK(addressText(reply["device"]["address"]) == "0:" + std::string(got));
        const auto seen = vm.console().waitFor(mark, "add disk", {{"serial", reply["device"]["serial"].asString()}});
        CHECK(seen["address"].ends_with(":" + std::string(got)));
    }

    struct Case {
        Json::Value asked;
        const char* reason;
    };
    for (const auto& [asked, reason] : {Case{at(0, 0, 0, 2), "ADDRESS_IN_USE"}, {at(0, 0, 0, 256), "ADDRESS_NOT_USABLE"},
             {at(0, 1, 0, 9), "ADDRESS_NOT_USABLE"}, {at(3, 0, 0, 0), "ADDRESS_NOT_USABLE"},
             {pciAddress(9), "INVALID_PARAMETER"}}) {
        const auto reply = vm.call("hotplugDisk", disk(asked));
        INFO(reply.text());
        CHECK(reply.reason() == reason);
        CHECK(reply.error["data"]["field"] == "/drive/address");
        CHECK((reply.reason() != "ADDRESS_IN_USE" || !reply.error["data"]["conflictsWith"].asString().empty()));
    }
    CHECK(parseDomain(vm.liveXml()).select_nodes("//controller[@type='scsi']").size() == 1);
}
