#include "background.h"
#include "requests.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/libvirtd.h"
#include "support/reasons_seen.h"
#include "support/test_vm.h"
#include "virsh.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

// Beside others who use the same libvirtd, and without it.

using namespace hotplug::test;

namespace {

/// What waits in the pipe, and what still comes, until its writer has closed it.
void drain(const Fd& pipe)
{
    std::vector<char> bytes(1 << 16);
    const auto more = [&] { return readable({pipe.get()}, hotplug::Clock::now() + patience); };
    while (more() && ::read(pipe.get(), bytes.data(), bytes.size()) > 0) {
    }
}

} // namespace

TEST_CASE("R6: a disk on which a block job runs stays until the job has ended", "[integration]")
{
    TestHost host;
    const Libvirtd libvirtd(host);
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    vm.must("hotplugDisk", drive(makeRaw(host.imageRoot() / "d.img"), {{"deviceId", "busy"}, {"iface", "scsi"}}));
    // A copy goes on, mirroring, until somebody ends it.
    const auto copy = host.imageRoot() / "copy.img";
    mustVirsh(host, {"blockcopy", vm.name(), "sda", copy, "--format", "raw", "--transient-job"});
    const auto reply = vm.call("hotunplugDisk", deviceId("busy"));
    INFO(reply.text());
    CHECK(reply.reason() == "BLOCK_JOB_ACTIVE");
    CHECK(reply.outcome() == "failed");
    CHECK(reply.code() == 46);
    CHECK(vm.device("busy")["state"] == "plugged");
    CHECK(vm.configXml().find("ua-busy") != std::string::npos);

    mustVirsh(host, {"blockjob", vm.name(), "sda", "--abort"});
    vm.must("hotunplugDisk", deviceId("busy"));
    CHECK(vm.device("busy").isNull());
}

// libvirt lets a change wait 30 s for the end of the dump.
TEST_CASE("R5 R6: while a VM is dumped its devices stay as they are, with code 51", "[integration][.long]")
{
    TestHost host;
    const Libvirtd libvirtd(host);
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    const auto disk = drive(makeRaw(host.imageRoot() / "d.img"), {{"deviceId", "d"}, {"iface", "scsi"}});

    // A dump into a pipe that nobody reads lasts.
    const auto pipe = host.path() / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    const Fd reader(::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    Process dump(virsh(host, {"dump", vm.name(), pipe, "--live"}), {});
    REQUIRE(readable({reader.get()}, hotplug::Clock::now() + patience));

    const auto reply = vm.call("hotplugDisk", with(disk, {{"timeout", 50'000}}));
    INFO(reply.text());
    CHECK(reply.reason() == "MIGRATING");
    CHECK(reply.code() == 51);
    CHECK((reply.outcome() == "failed" || reply.outcome() == "refused"));
    CHECK(vm.device("d").isNull());
    CHECK(vm.configXml().find("ua-d") == std::string::npos);

    mustVirsh(host, {"domjobabort", vm.name()});
    drain(reader);
    CHECK(dump.wait());
    vm.must("hotplugDisk", disk);
}

TEST_CASE("A3 R6: a target name that somebody else takes at the same moment is not taken from him", "[integration]")
{
    TestHost host;
    const Libvirtd libvirtd(host);
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    const auto foreign = makeRaw(host.imageRoot() / "foreign.img"), image = makeRaw(host.imageRoot() / "d.img");
    std::optional<Process> attach;
    std::future<Json::Value> reply;
    {
        // Both wait for QEMU, virsh before us; the XML shows neither.
        const Stopped stopped(host.qemus().front());
        attach.emplace(virsh(host, {"attach-disk", vm.name(), foreign, "vda", "--live", "--address", "pci:0.8.0.0"}),
            Process::Options{});
        eventually("virsh has libvirt's turn", [&] {
            return runProgram(virsh(host, {"domcontrol", vm.name()})).out.find("occupied") != std::string::npos;
        });
        reply = inBackground(daemon, "hotplugDisk", with(drive(image, {{"deviceId", "d"}}), {{"vmId", vm.id()}}));
        eventually("our plug has begun", [&] { return vm.device("d")["state"] == "plugging"; });
    }
    CHECK(attach->wait() == 0);
    const auto answer = reply.get();
    noteReason("hotplugDisk", answer["error"]);
    INFO(hotplug::ctl::compactJson(answer));
    CHECK(answer["error"]["data"]["reason"] == "TARGET_IN_USE");
    CHECK(answer["error"]["data"]["outcome"] == "failed");
    CHECK(vm.configXml().find("ua-d") == std::string::npos);
    CHECK(vm.must("hotplugDisk", drive(image))["device"]["target"] == "vdb");
}

TEST_CASE("K7 R5 R8: without libvirt the answer is 99, at once, and when it is back all goes on", "[integration]")
{
    TestHost host;
    Libvirtd libvirtd(host);
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    const auto disk = drive(makeRaw(host.imageRoot() / "d.img"), {{"deviceId", "d"}});

    libvirtd.kill();
    for (const auto& [verb, params] : {std::pair{"hotplugDisk", disk}, {"hotunplugDisk", deviceId("d")},
             {"listDevices", object({})}, {"capacity", object({})}, {"startVm", object({})}}) {
        const auto start = hotplug::Clock::now();
        const auto reply = vm.call(verb, params);
        INFO(verb << ": " << reply.text());
        CHECK(hotplug::Clock::now() - start < 2s);
        CHECK(reply.reason() == "LIBVIRT_UNAVAILABLE");
        CHECK(reply.outcome() == "refused");
        CHECK(reply.code() == 99);
    }
    CHECK(daemon.must("getCapabilities", object({}))["libvirt"] == false);

    libvirtd.start();
    eventually("hotplugd is connected again", [&] {
        return daemon.must("getCapabilities", object({}))["libvirt"].asBool();
    });
    vm.must("hotplugDisk", disk);
    CHECK(vm.device("d")["state"] == "plugged");
}
