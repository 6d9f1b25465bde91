#include "background.h"
#include "support/catch.h"
#include "support/libvirtd.h"
#include "virsh.h"
#include "whereabouts.h"

#include "hotplugctl/format/json_text.h"

#include <cstdio>
#include <map>
#include <thread>

// libvirtd dies, whenever it likes, and comes back: the VMs live on, and so does hotplugd.

using namespace hotplug::test;
using hotplug::Clock;

namespace {

struct Ground {
    TestHost host;
    Bridge bridge;
    Libvirtd libvirtd{host};
    Hotplugd daemon{host};

    Subject subject(const std::string& kind, const std::string& id) const
    {
        return kind == "disk" ? diskSubject(host, id) : nicSubject(bridge, id);
    }

    std::future<Json::Value> plug(const TestVm& vm, const Subject& subject, hotplug::milliseconds timeout)
    {
        return inBackground(daemon, subject.plugVerb,
            with(subject.plug, {{"vmId", vm.id()}, {"timeout", Json::Int64(timeout.count())}}));
    }

    /// Its QEMU does not answer libvirt, which is in the middle of something.
    void awaitChangeOf(const TestVm& vm) const
    {
        eventually("libvirt is at it", [&] {
            return runProgram(virsh(host, {"domcontrol", vm.name()})).out.find("occupied") != std::string::npos;
        });
    }

    void restartLibvirtd()
    {
        libvirtd.start();
        eventually("hotplugd is connected again", [this] {
            return daemon.must("getCapabilities", object({}))["libvirt"].asBool();
        });
    }

    std::string unplugPending(TestVm& vm, const Subject& subject)
    {
        const auto reply = vm.call(subject.unplugVerb, with(deviceId(subject.id), {{"timeout", 300}}));
        INFO(reply.text());
        REQUIRE(reply.outcome() == "pending");
        return reply.error["data"]["operationId"].asString();
    }
};

void expectLibvirtUnavailable(const Json::Value& answer)
{
    INFO(hotplug::ctl::compactJson(answer));
    CHECK(answer["error"]["code"] == 99);
    CHECK(answer["error"]["data"]["reason"] == "LIBVIRT_UNAVAILABLE");
    CHECK(answer["error"]["data"]["outcome"] == "pending");
}

/// Nothing is on its way any more, and all that can know of the device agree.
void expectAgreement(TestVm& vm, const Subject& subject, bool plugged)
{
    CHECK(whereIs(vm, subject) == (plugged ? everywhere : nowhere));
    const auto listed = vm.device(subject.id);
    CHECK(listed.isNull() != plugged);
    CHECK((!plugged || listed["state"] == "plugged"));
}

} // namespace

TEST_CASE("K4 K7: a plug in whose middle libvirtd is killed leaves nothing in QEMU", "[integration]")
{
    const auto kind = GENERATE(as<std::string>(), "disk", "NIC");
    Ground ground;
    TestVm vm(ground.daemon);
    vm.boot();
    const auto subject = ground.subject(kind, "d");
    std::future<Json::Value> reply;
    {
        // QEMU has the first command of the attach, libvirt has no answer and never will.
        const Stopped stopped(ground.host.qemus().front());
        reply = ground.plug(vm, subject, 1s);
        ground.awaitChangeOf(vm);
        ground.libvirtd.kill();
    }
    const auto answer = reply.get();
    expectLibvirtUnavailable(answer);
    const auto id = operationOf(answer);
    CHECK(isOpen(ground.daemon, id));

    ground.restartLibvirtd();
    CHECK(outcomeOf(ground.daemon, id) == "failed");
    expectAgreement(vm, subject, false);
    vm.must(subject.plugVerb, subject.plug);        // its storage, address and name are free
    expectAgreement(vm, subject, true);
    vm.must(subject.unplugVerb, deviceId("d"));
    expectAgreement(vm, subject, false);
}

TEST_CASE("K3 K4: an unplug that completes while libvirtd is down is found when it is back", "[integration]")
{
    const auto kind = GENERATE(as<std::string>(), "disk", "NIC");
    Ground ground;
    TestVm vm(ground.daemon, {.deaf = true});
    vm.boot();
    const auto subject = ground.subject(kind, "d");
    vm.must(subject.plugVerb, subject.plug);
    const auto id = ground.unplugPending(vm, subject);
    vm.monitor();

    ground.libvirtd.kill();
    const auto mark = vm.console().mark();
    vm.tell("reboot");                              // a reset is an answer that QEMU was still waiting for
    vm.console().waitFor(mark, "ready");
    CHECK_FALSE(whereIs(vm, subject).qemuDevice);
    CHECK(isOpen(ground.daemon, id));               // nobody has said anything, and a read that fails is no absence

    ground.restartLibvirtd();
    CHECK(outcomeOf(ground.daemon, id) == "done");
    expectAgreement(vm, subject, false);
}

TEST_CASE("K4 K6: a VM that cannot be settled when libvirtd is back answers 99, and no other waits for it", "[integration]")
{
    Ground ground;
    TestVm stuck(ground.daemon), other(ground.daemon);
    stuck.boot();
    const auto stuckQemu = ground.host.qemus().front();
    other.start();
    const auto subject = ground.subject("disk", "d"), free = ground.subject("disk", "free");
    std::string id;
    {
        const Stopped stopped(stuckQemu);
        auto reply = ground.plug(stuck, subject, 1s);
        ground.awaitChangeOf(stuck);
        ground.libvirtd.kill();
        id = operationOf(reply.get());
        ground.restartLibvirtd();
        other.must(free.plugVerb, free.plug);
        CHECK(other.device("free")["state"] == "plugged");
        const auto reply2 = stuck.call("hotplugDisk", drive(makeRaw(ground.host.imageRoot() / "e.img")));
        INFO(reply2.text());
        CHECK(reply2.code() == 99);
        CHECK(reply2.reason() == "RECOVERING");
        CHECK(reply2.outcome() == "refused");
        CHECK(isOpen(ground.daemon, id));
    }
    CHECK(outcomeOf(ground.daemon, id) == "failed");
    expectAgreement(stuck, subject, false);
    stuck.must("hotplugDisk", drive(ground.host.imageRoot() / "e.img"));
}

namespace {

/// What became of one change that libvirtd was killed under.
std::string killUnder(Ground& ground, TestVm& vm, const Subject& subject, bool plug, std::chrono::microseconds after)
{
    auto reply = plug ? ground.plug(vm, subject, 20s)
                      : inBackground(ground.daemon, subject.unplugVerb, with(deviceId(subject.id), {{"vmId", vm.id()}}));
    std::this_thread::sleep_for(after);
    ground.libvirtd.kill();
    ground.restartLibvirtd();
    const auto answer = reply.get();
    INFO(hotplug::ctl::compactJson(answer));
    const auto id = operationOf(answer);
    if (id.empty())                                 // killed before it had begun: nothing was touched
        return answer["error"]["data"]["outcome"].asString();
    return outcomeOf(ground.daemon, id);
}

/// A libvirtd that was killed while it cleared up behind a device that had left cannot clear up once more when it is
/// back, and ends the VM for it: "shutting down, reason=daemon". The unplug is done then, too.
bool endedByLibvirtd(Ground& ground, TestVm& vm, const Subject& subject)
{
    if (vm.status() != "Down")
        return false;
    const auto state = runProgram(virsh(ground.host, {"domstate", "--reason", vm.name()})).out;
    CHECK(state.find("(daemon)") != std::string::npos);
    CHECK(vm.configXml().find("ua-" + subject.id) == std::string::npos);
    CHECK(vm.configXml().find("hotplugd:device") == std::string::npos);
    vm.boot();
    return true;
}

/// Each round plugs and unplugs a device; libvirtd dies in both, ever later.
void killInRounds(int rounds)
{
    constexpr std::chrono::microseconds latestInPlug = 40ms, latestInUnplug = 160ms;
    Ground ground;
    TestVm vm(ground.daemon);
    vm.boot();
    std::map<std::string, int> outcomes;
    for (int round = 0; round < rounds; ++round) {
        const auto kind = round % 2 == 0 ? "disk" : "NIC";
        const auto subject = ground.subject(kind, "d" + std::to_string(round));
        const auto plugged = killUnder(ground, vm, subject, true, latestInPlug * round / rounds);
        INFO("round " << round << ": " << kind << ", the plug: " << plugged);
        ++outcomes["plug " + plugged];
        CHECK((plugged == "done" || plugged == "failed" || plugged == "refused"));
        expectAgreement(vm, subject, plugged == "done");
        if (plugged != "done")
            vm.must(subject.plugVerb, subject.plug);

        const auto unplugged = killUnder(ground, vm, subject, false, latestInUnplug * round / rounds);
        INFO("the unplug: " << unplugged);
        ++outcomes["unplug " + unplugged];
        CHECK((unplugged == "done" || unplugged == "refused"));
        if (unplugged == "done" && endedByLibvirtd(ground, vm, subject)) {
            ++outcomes["unplug done, with the VM"];
            continue;
        }
        expectAgreement(vm, subject, unplugged != "done");
        if (unplugged != "done")
            vm.must(subject.unplugVerb, deviceId(subject.id));
    }
    for (const auto& [outcome, count] : outcomes)
        std::printf("libvirtd killed under %d changes: %s\n", count, outcome.c_str());
}

} // namespace

TEST_CASE("K4 K5: libvirtd killed anywhere in plugs and unplugs leaves nothing unaccounted for", "[integration]")
{
    killInRounds(6);
}

TEST_CASE("K4 K5: libvirtd killed 40 times in plugs and unplugs leaves nothing unaccounted for", "[integration][.long]")
{
    killInRounds(40);
}

TEST_CASE("K3 K7: ten seconds without libvirtd lose nothing", "[integration][.long]")
{
    Ground ground;
    TestVm vm(ground.daemon, {.deaf = true});
    vm.boot();
    const auto leaving = ground.subject("NIC", "leaving"), staying = ground.subject("disk", "staying");
    vm.must(leaving.plugVerb, leaving.plug);
    vm.must(staying.plugVerb, staying.plug);
    const auto id = ground.unplugPending(vm, leaving), other = ground.unplugPending(vm, staying);
    vm.monitor();
    ground.libvirtd.kill();
    std::this_thread::sleep_for(10s);
    CHECK(vm.call("listDevices", object({})).reason() == "LIBVIRT_UNAVAILABLE");
    CHECK(isOpen(ground.daemon, id));
    ground.restartLibvirtd();
    eventually("it is taken up again", [&] { return vm.device("leaving")["state"] == "unplugging"; });
    const auto mark = vm.console().mark();
    vm.tell("reboot");
    vm.console().waitFor(mark, "ready");
    CHECK(outcomeOf(ground.daemon, id) == "done");
    CHECK(outcomeOf(ground.daemon, other) == "done");
    expectAgreement(vm, leaving, false);
    expectAgreement(vm, staying, false);
}
