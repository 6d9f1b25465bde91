#include "requests.h"
#include "support/bridge.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/test_vm.h"

#include <algorithm>
#include <cstdio>
#include <vector>

using namespace hotplug::test;
using hotplug::Clock;

namespace {

/// The median of 200 pings in milliseconds.
double pingTime(Hotplugd& daemon)
{
    std::vector<double> times;
    for (int i = 0; i < 200; ++i) {
        const auto start = Clock::now();
        daemon.must("ping", object({}));
        times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    }
    std::ranges::sort(times);
    return times[times.size() / 2];
}

Reply requirePending(TestVm& vm, const std::string& verb, const Json::Value& params, int code)
{
    const auto reply = vm.call(verb, params);
    INFO(reply.text());
    CHECK(reply.code() == code);
    CHECK(reply.outcome() == "pending");
    CHECK(reply.reason() == "GUEST_NOT_RESPONDING");
    return reply;
}

bool nothingIsOpen(TestHost& host, const Hotplugd& daemon)
{
    return host.snapshot(daemon.pid()).passing.empty();
}

} // namespace

TEST_CASE("K3 K6 K10 R5: an unplug that a deaf guest ignores is pending, and ends with the VM", "[integration]")
{
    TestHost host;
    Bridge bridge;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.deaf = true});
    vm.boot();
    const auto disk = drive(makeRaw(host.imageRoot() / "d.img"), {{"deviceId", "stuck"}});
    const auto card = nic(bridge.name(), {{"deviceId", "stuck-nic"}});
    vm.must("hotplugDisk", disk);
    vm.must("hotplugNic", card);
    const auto idle = pingTime(daemon);

    const auto start = Clock::now();
    const auto first = requirePending(vm, "hotunplugDisk", with(disk, {{"timeout", 1500}}), 46);
    const auto waited = Clock::now() - start;
    CHECK(waited >= 1500ms);
    CHECK(waited < 4s);
    requirePending(vm, "hotunplugNic", object({{"deviceId", "stuck-nic"}, {"timeout", 500}}), 50);
    CHECK(vm.device("stuck")["state"] == "unplugging");
    CHECK(vm.device("stuck-nic")["state"] == "unplugging");
    CHECK(vm.configXml().find("ua-stuck") != std::string::npos);

    const auto busy = pingTime(daemon);
    std::printf("ping p50: %.3f ms idle, %.3f ms with two unplugs pending\n", idle, busy);
    CHECK(busy < 3 * idle + 1);

    const auto joined = requirePending(vm, "hotunplugDisk", object({{"deviceId", "stuck"}, {"timeout", 500}}), 46);
    CHECK(joined.error["data"]["operationId"] == first.error["data"]["operationId"]);

    const auto again = vm.call("hotplugDisk", disk);
    CHECK(again.reason() == "HAS_PENDING_UNPLUG");
    CHECK(again.outcome() == "refused");
    CHECK(vm.call("hotplugNic", card).reason() == "HAS_PENDING_UNPLUG");

    // Nothing else of this VM waits for it.
    const auto mark = vm.console().mark();
    vm.must("hotplugDisk", drive(makeRaw(host.imageRoot() / "s.img"), {{"iface", "scsi"}, {"serial", "FREE"}}));
    vm.console().waitFor(mark, "add disk", {{"serial", "FREE"}});

    vm.destroy();
    eventually("the definition lets go", [&] { return vm.configXml().find("ua-stuck") == std::string::npos; });
    eventually("both operations are settled", [&] { return nothingIsOpen(host, daemon); });
    CHECK(vm.device("stuck").isNull());
    const auto later = vm.console().mark();
    vm.boot();
    CHECK(vm.console().lines(later, "add disk", {{"bus", "virtio"}}).empty());
    CHECK(vm.console().lines(later, "add nic").empty());
    vm.console().waitFor(later, "add disk", {{"serial", "FREE"}});
}

TEST_CASE("K3 K4: a pending unplug outlives the daemon and completes when the guest is reset", "[integration]")
{
    TestHost host;
    Bridge bridge;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.deaf = true});
    vm.boot();
    vm.must("hotplugDisk", drive(makeRaw(host.imageRoot() / "d.img"), {{"deviceId", "stuck"}}));
    vm.must("hotplugNic", nic(bridge.name(), {{"deviceId", "stuck-nic"}}));
    requirePending(vm, "hotunplugDisk", object({{"deviceId", "stuck"}, {"timeout", 300}}), 46);

    REQUIRE(daemon.stop() == 0);
    CHECK(host.qemus().size() == 1);                // VMs do not end with us
    daemon.start();
    CHECK(vm.status() == "Up");
    CHECK(vm.device("stuck")["state"] == "unplugging");
    CHECK(vm.device("stuck-nic")["state"] == "plugged");

    auto mark = vm.console().mark();
    vm.tell("reboot");
    vm.console().waitFor(mark, "ready");
    eventually("the unplug completes", [&] { return vm.device("stuck").isNull(); });
    eventually("it is settled", [&] { return nothingIsOpen(host, daemon); });
    CHECK(vm.liveXml().find("ua-stuck'") == std::string::npos);
    CHECK(vm.configXml().find("ua-stuck'") == std::string::npos);
    CHECK(vm.device("stuck-nic")["state"] == "plugged");

    // And when it happens while nobody is there to see it.
    requirePending(vm, "hotunplugNic", object({{"deviceId", "stuck-nic"}, {"timeout", 300}}), 50);
    REQUIRE(daemon.stop() == 0);
    mark = vm.console().mark();
    vm.tell("reboot");
    vm.console().waitFor(mark, "ready");
    daemon.start();
    eventually("it is settled", [&] { return nothingIsOpen(host, daemon); });
    CHECK(vm.device("stuck-nic").isNull());
    CHECK(vm.configXml().find("ua-stuck-nic") == std::string::npos);
}

TEST_CASE("K3: an unplug that a paused guest could not answer completes when it is resumed", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.deaf = false});
    vm.start();                                     // its firmware runs: nobody answers yet
    vm.must("hotplugDisk", drive(makeRaw(host.imageRoot() / "d.img"), {{"deviceId", "early"}}));
    const auto reply = vm.call("hotunplugDisk", object({{"deviceId", "early"}, {"timeout", 300}}));
    INFO(reply.text());
    CHECK(reply.outcome() == "pending");
    vm.pause();
    CHECK(vm.device("early")["state"] == "unplugging");
    vm.resume();
    eventually("the unplug completes", [&] { return vm.device("early").isNull(); }, 60s);
    eventually("it is settled", [&] { return nothingIsOpen(host, daemon); });
    CHECK(vm.configXml().find("ua-early") == std::string::npos);
}
