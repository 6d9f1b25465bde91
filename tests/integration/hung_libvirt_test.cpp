#include "background.h"
#include "latencies.h"
#include "requests.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/libvirtd.h"
#include "support/test_vm.h"

// A libvirtd that stands still, and one whose workers hang.

using namespace hotplug::test;
using hotplug::Clock;

namespace {

bool connected(Hotplugd& daemon)
{
    return askOnce(daemon, "getCapabilities", object({}))["result"]["libvirt"].asBool();
}

/// Reads and pings until hotplugd has noticed that libvirt does not answer any more.
void workUntilLost(Hotplugd& daemon, const TestVm& vm)
{
    Latencies ping, read;
    while (connected(daemon)) {
        const auto error = read.time([&] {
            return askOnce(daemon, "listDevices", object({{"vmId", vm.id()}}))["error"];
        });
        CHECK(error["code"] == 99);
        CHECK(error["data"]["reason"] == "LIBVIRT_UNAVAILABLE");
        for (int i = 0; i < 20; ++i)
            CHECK(ping.time([&] { return askOnce(daemon, "ping", object({})); }).isMember("result"));
    }
    ping.print("ping, libvirtd stopped");
    read.print("listDevices, libvirtd stopped");
    CHECK(ping.percentile(99) < 1000);
    CHECK(read.longest() < 3500);
}

/// The firmware finds nothing to boot and rests: a VM that costs next to nothing.
void bootNothing(pugi::xml_node& domain)
{
    auto os = domain.child("os");
    for (const auto* name : {"kernel", "initrd", "cmdline"})
        os.remove_child(name);
    for (const auto* name : {"memory", "currentMemory"})
        if (auto memory = domain.child(name)) {
            memory.remove_attribute("unit");
            memory.text() = 64 * 1024;
        }
}

struct Crowd {
    explicit Crowd(Hotplugd& daemon, std::size_t count)
    {
        for (std::size_t i = 0; i < count; ++i) {
            vms.push_back(std::make_unique<TestVm>(daemon, TestVm::Options{.edit = bootNothing}));
            vms.back()->start();
        }
    }
    std::vector<std::unique_ptr<TestVm>> vms;
};

} // namespace

TEST_CASE("K6 K7: a libvirtd that stands still holds up reads for two seconds at most, and all is settled when it goes on",
    "[integration]")
{
    TestHost host;
    Libvirtd libvirtd(host);
    Hotplugd daemon(host);
    TestVm vm(daemon), other(daemon, {.edit = bootNothing});
    other.start();                                  // and has been looked at when libvirt stops
    vm.start();
    makeRaw(host.imageRoot() / "d.img");
    const auto disk = drive(host.imageRoot() / "d.img", {{"deviceId", "d"}, {"iface", "scsi"}});
    bool restart = false;
    SECTION("it goes on") {}
    SECTION("it is killed and started again") { restart = true; }

    Json::Value plug;
    {
        const Stopped stopped(libvirtd.pid());
        const auto start = Clock::now();
        plug = askOnce(daemon, "hotplugDisk", with(disk, {{"vmId", vm.id()}, {"timeout", 1000}}))["error"]["data"];
        const auto begun = askOnce(daemon, "startVm", object({{"vmId", other.id()}, {"timeout", 1000}}))["error"];
        const auto behind = askOnce(daemon, "startVm", object({{"vmId", vm.id()}, {"timeout", 1000}}))["error"];
        INFO(hotplug::ctl::compactJson(begun) << hotplug::ctl::compactJson(behind));
        CHECK(Clock::now() - start < 5s);
        CHECK(plug["outcome"] == "refused");        // its turn reads first, and did not come further
        CHECK(behind["data"]["outcome"] == "refused");
        CHECK(behind["data"]["reason"] == "TOO_BUSY");
        CHECK(begun["data"]["outcome"] == "pending");
        CHECK(begun["code"] == 99);
        workUntilLost(daemon, vm);
        if (restart)
            libvirtd.kill();
    }
    if (restart)
        libvirtd.start();
    eventually("hotplugd is connected again", [&] { return connected(daemon); });
    CHECK(vm.device("d").isNull());
    vm.must("hotplugDisk", disk);
    vm.must("hotunplugDisk", deviceId("d"));
}

TEST_CASE("K6: with as many changes inside libvirt as may be, reads go on, and one more is told who is in the way",
    "[integration]")
{
    constexpr std::size_t changesAtOnce = 12;
    TestHost host;
    const Libvirtd libvirtd(host);
    Hotplugd daemon(host);
    const Crowd crowd(daemon, changesAtOnce);
    std::vector<std::unique_ptr<Stopped>> stopped;
    for (const auto pid : host.qemus())
        stopped.push_back(std::make_unique<Stopped>(pid));
    TestVm fine(daemon, {.edit = bootNothing});
    fine.start();

    std::vector<std::future<Json::Value>> plugs;
    for (std::size_t i = 0; i < crowd.vms.size(); ++i) {
        const auto image = makeRaw(host.imageRoot() / std::to_string(i));
        plugs.push_back(inBackground(daemon, "hotplugDisk",
            with(drive(image, {{"deviceId", "d"}, {"iface", "scsi"}}), {{"vmId", crowd.vms[i]->id()}, {"timeout", 3000}})));
    }
    for (const auto& vm : crowd.vms)
        eventually("its plug is inside libvirt", [&] { return vm->device("d")["state"] == "plugging"; });

    Latencies reads;
    for (int round = 0; round < 3; ++round)
        for (const auto& vm : crowd.vms)
            CHECK(reads.time([&] { return askOnce(daemon, "listDevices", object({{"vmId", vm->id()}})); }).isMember("result"));
    reads.print("listDevices, 12 QEMUs stopped under plugs");
    CHECK(reads.percentile(99) < 2000);

    const auto disk = drive(makeRaw(host.imageRoot() / "fine"), {{"deviceId", "d"}, {"iface", "scsi"}});
    const auto refused = fine.call("hotplugDisk", with(disk, {{"timeout", 1000}}));
    INFO(refused.text());
    CHECK(refused.reason() == "TOO_BUSY");
    CHECK(refused.error["message"].asString().find("12 changes are inside libvirt") != std::string::npos);
    std::vector<Json::Value> operations;
    for (auto& plug : plugs) {
        operations.push_back(plug.get()["error"]["data"]);
        CHECK(operations.back()["outcome"] == "pending");
    }
    CHECK(std::ranges::any_of(operations, [&](const Json::Value& data) {
        return data["operationId"] == refused.error["data"]["conflictsWith"];
    }));

    // A VM that is destroyed gives its permit back, as soon as its plug has heard of it.
    CHECK(askOnce(daemon, "destroyVm", object({{"vmId", crowd.vms.front()->id()}})).isMember("result"));
    CHECK_NOTHROW(eventually("there is room for another", [&] {
        return askOnce(daemon, "hotplugDisk", with(disk, {{"vmId", fine.id()}})).isMember("result");
    }));

    stopped.clear();
    for (const auto& vm : crowd.vms)
        if (vm != crowd.vms.front())
            eventually("its plug is done", [&] { return vm->device("d")["state"] == "plugged"; });
}
