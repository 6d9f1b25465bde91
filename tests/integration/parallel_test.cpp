#include "background.h"
#include "requests.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/test_vm.h"

using namespace hotplug::test;
using hotplug::Clock;

TEST_CASE("K6: plugs and unplugs of one VM that arrive together are all done, one turn at a time", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();
    const auto mark = vm.console().mark();
    const auto all = [&](const std::string& verb) {
        std::vector<std::future<Json::Value>> replies;
        for (int i = 0; i < 6; ++i) {
            const auto name = "d" + std::to_string(i);
            const auto request = drive(host.imageRoot() / name, {{"serial", name}, {"deviceId", name}});
            replies.push_back(inBackground(daemon, verb, with(request, {{"vmId", vm.id()}})));
        }
        for (auto& reply : replies) {
            const auto answer = reply.get();
            INFO(hotplug::ctl::compactJson(answer));
            CHECK(answer.isMember("result"));
        }
    };
    for (int i = 0; i < 6; ++i)
        makeRaw(host.imageRoot() / ("d" + std::to_string(i)));
    all("hotplugDisk");
    for (int i = 0; i < 6; ++i)
        vm.console().waitFor(mark, "add disk", {{"serial", "d" + std::to_string(i)}});
    all("hotunplugDisk");
    for (int i = 0; i < 6; ++i)
        vm.console().waitFor(mark, "del disk", {{"serial", "d" + std::to_string(i)}});
    CHECK(vm.configXml().find("ua-") == std::string::npos);
}

TEST_CASE("K6 K7: a QEMU that hangs delays no other VM and no reading verb, and the deadline holds", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm hung(daemon);
    hung.start();
    const auto pid = host.qemus().front();
    TestVm fine(daemon);
    fine.start();
    const auto disk = drive(makeRaw(host.imageRoot() / "h.img"), {{"deviceId", "late"}});
    {
        const Stopped stopped(pid);
        const auto start = Clock::now();
        auto reply = inBackground(daemon, "hotplugDisk", with(disk, {{"vmId", hung.id()}, {"timeout", 2000}}));
        fine.must("hotplugDisk", drive(makeRaw(host.imageRoot() / "f.img")));
        hung.must("listDevices", {});
        CHECK(Clock::now() - start < 2s);
        const auto error = reply.get()["error"];
        CHECK(Clock::now() - start < 4s);
        CHECK(error["data"]["outcome"] == "pending");
        CHECK(error["code"] == 45);
        CHECK(hung.device("late")["state"] == "plugging");
    }
    eventually("the plug is completed", [&] { return hung.device("late")["state"] == "plugged"; });
    CHECK(hung.configXml().find("ua-late") != std::string::npos);
}
