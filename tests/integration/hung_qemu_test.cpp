#include "background.h"
#include "latencies.h"
#include "requests.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/test_vm.h"

using namespace hotplug::test;
using hotplug::Clock;

namespace {

Json::Value scsiDisk(const TestHost& host, const std::string& id)
{
    return drive(host.imageRoot() / id, {{"deviceId", id}, {"iface", "scsi"}});
}

/// What others do all the time: a VM of theirs gets and loses a disk, they look at it, and they ping.
class Others {
public:
    Others(Hotplugd& daemon, TestVm& vm, Json::Value disk) : daemon_(daemon), disk_(std::move(disk))
    {
        disk_["vmId"] = vm.id();
    }

    void workUntil(Clock::time_point end, const std::string& when)
    {
        Latencies ping, list, plug, unplug;
        do {
            must(plug, "hotplugDisk", disk_);
            must(list, "listDevices", object({{"vmId", disk_["vmId"]}}));
            must(unplug, "hotunplugDisk", disk_);
            for (int i = 0; i < 20; ++i)
                must(ping, "ping", object({}));
        } while (Clock::now() < end);
        for (const auto& [name, kind] : {std::pair{"ping", &ping}, {"listDevices of another VM", &list},
                 {"hotplugDisk of another VM", &plug}, {"hotunplugDisk of another VM", &unplug}}) {
            kind->print(fmt::format("{}, {}", name, when));
            CHECK(kind->percentile(99) < 2000);
        }
    }

private:
    void must(Latencies& latencies, const char* verb, const Json::Value& params)
    {
        const auto reply = latencies.time([&] { return askOnce(daemon_, verb, params); });
        if (!reply.isMember("result"))
            throw std::runtime_error(std::string(verb) + " was answered " + hotplug::ctl::compactJson(reply));
    }

    Hotplugd& daemon_;
    Json::Value disk_;
};

pid_t startedPid(const TestHost& host, TestVm& vm)
{
    const auto before = host.qemus();
    vm.start();
    for (const auto pid : host.qemus())
        if (std::ranges::find(before, pid) == before.end())
            return pid;
    throw std::runtime_error("the VM has no QEMU");
}

Json::Value outcomeOf(Hotplugd& daemon, const Json::Value& error)
{
    return daemon.must("getOperation", object({{"operationId", error["data"]["operationId"]}}))["outcome"];
}

/// One QEMU is stopped under a plug, another under an unplug, and both are looked at, while others go on.
void stopTwoQemus(std::chrono::seconds howLong)
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm plugging(daemon), unplugging(daemon), fine(daemon);
    const auto pluggingPid = startedPid(host, plugging), unpluggingPid = startedPid(host, unplugging);
    fine.start();
    for (const auto* name : {"plugged", "leaving", "queued", "others"})
        makeRaw(host.imageRoot() / name);
    unplugging.must("hotplugDisk", scsiDisk(host, "leaving"));
    Others others(daemon, fine, scsiDisk(host, "others"));
    others.workUntil(Clock::now() + 5s, "all well");

    std::vector<std::future<Json::Value>> reads;
    Json::Value plug, unplug;
    {
        const Stopped one(pluggingPid), two(unpluggingPid);
        const auto start = Clock::now();
        auto plugReply = inBackground(daemon, "hotplugDisk",
            with(scsiDisk(host, "plugged"), {{"vmId", plugging.id()}, {"timeout", 2000}}));
        auto unplugReply = inBackground(daemon, "hotunplugDisk",
            with(deviceId("leaving"), {{"vmId", unplugging.id()}, {"timeout", 2000}}));
        eventually("the plug is inside libvirt", [&] { return plugging.device("plugged")["state"] == "plugging"; });
        for (int i = 0; i < 30; ++i)
            reads.push_back(inBackground(daemon, "listDevices", object({{"vmId", i % 2 ? plugging.id() : unplugging.id()}})));

        // Behind the plug there is no turn to be had, and the answer says whose it is.
        const auto queued = plugging.call("hotplugDisk", with(scsiDisk(host, "queued"), {{"timeout", 500}}));
        plug = plugReply.get()["error"];
        unplug = unplugReply.get()["error"];
        CHECK(Clock::now() - start < 6s);
        CHECK(queued.reason() == "TOO_BUSY");
        CHECK(queued.outcome() == "refused");
        CHECK(queued.error["data"]["conflictsWith"] == plug["data"]["operationId"]);
        CHECK(plug["data"]["outcome"] == "pending");
        CHECK(unplug["data"]["outcome"] == "pending");
        for (auto& read : reads)
            CHECK(read.get().isMember("result"));
        others.workUntil(start + howLong, "two QEMUs stopped");
    }
    eventually("the plug is done", [&] { return outcomeOf(daemon, plug) == "done"; });
    eventually("the unplug is done", [&] { return outcomeOf(daemon, unplug) == "done"; });
    CHECK(plugging.device("plugged")["state"] == "plugged");
    CHECK(plugging.device("queued").isNull());
    CHECK(unplugging.device("leaving").isNull());
    CHECK(unplugging.configXml().find("ua-leaving") == std::string::npos);
}

} // namespace

// Not in the normal run: when QEMU goes on under a detach, libvirt 9.0 may touch a disk that it has freed
// (qemuDomainDetachDeviceLive, virDomainAuditDisk), and an embedded libvirt takes hotplugd with it.
TEST_CASE("K6 K7: QEMUs stopped for 10 s under a plug, an unplug and 30 reads delay nobody else", "[integration][.long]")
{
    stopTwoQemus(10s);
}

TEST_CASE("K6 K7: QEMUs stopped for 60 s under a plug, an unplug and 30 reads delay nobody else", "[integration][.long]")
{
    stopTwoQemus(60s);
}
