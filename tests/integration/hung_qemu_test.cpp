#include "background.h"
#include "latencies.h"
#include "requests.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/libvirtd.h"
#include "support/test_vm.h"
#include "whereabouts.h"

#include <map>

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
        now_ = {{"ping", {}}, {"listDevices of another VM", {}}, {"hotplugDisk of another VM", {}},
            {"hotunplugDisk of another VM", {}}};
        do {
            must("hotplugDisk of another VM", "hotplugDisk", disk_);
            must("listDevices of another VM", "listDevices", object({{"vmId", disk_["vmId"]}}));
            must("hotunplugDisk of another VM", "hotunplugDisk", disk_);
            for (int i = 0; i < 20; ++i)
                must("ping", "ping", object({}));
        } while (Clock::now() < end);
        for (const auto& [what, latencies] : now_)
            latencies.print(fmt::format("{}, {}", what, when));
    }

    void rememberAsUsual() { usual_ = now_; }

    /// Loose, as the machine has other work, too; a delay by a hung QEMU would be one of seconds.
    void expectAsUsual() const
    {
        for (const auto& [what, latencies] : now_) {
            INFO(what);
            CHECK(latencies.percentile(50) < 4 * usual_.at(what).percentile(50) + 20);
            CHECK(latencies.percentile(99) < 2000);
        }
    }

private:
    void must(const std::string& what, const char* verb, const Json::Value& params)
    {
        const auto reply = now_[what].time([&] { return askOnce(daemon_, verb, params); });
        if (!reply.isMember("result"))
            throw std::runtime_error(what + " was answered " + hotplug::ctl::compactJson(reply));
    }

    Hotplugd& daemon_;
    Json::Value disk_;
    std::map<std::string, Latencies> now_, usual_;
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

/// When QEMU goes on under a detach, libvirt 9.0 may touch a disk that it has freed, and die of it
/// (qemuDomainDetachDeviceLive, virDomainAuditDisk).
void awaitDone(Hotplugd& daemon, Libvirtd& libvirtd, const Json::Value& error)
{
    const auto operation = error["data"]["operationId"].asString();
    eventually("operation " + operation + " is done", [&] {
        if (libvirtd.ended()) {
            fmt::print("libvirtd has died of a QEMU that went on\n");
            libvirtd.start();
        }
        return !isOpen(daemon, operation);
    });
    CHECK(outcomeOf(daemon, operation) == "done");
}

/// What is asked of VMs whose QEMU stands still.
class Victims {
public:
    Victims(Hotplugd& daemon, TestVm& plugging, TestVm& unplugging)
        : daemon_(daemon), plugging_(plugging), unplugging_(unplugging)
    {
    }

    void ask(const Json::Value& plugged, const Json::Value& leaving)
    {
        plugReply_ = inBackground(daemon_, "hotplugDisk", with(plugged, {{"vmId", plugging_.id()}, {"timeout", 2000}}));
        unplugReply_ = inBackground(daemon_, "hotunplugDisk", with(leaving, {{"vmId", unplugging_.id()}, {"timeout", 2000}}));
        eventually("the plug is inside libvirt", [&] { return plugging_.device("plugged")["state"] == "plugging"; });
        for (int i = 0; i < 30; ++i)
            reads_.push_back(inBackground(daemon_, "listDevices",
                object({{"vmId", i % 2 ? plugging_.id() : unplugging_.id()}})));
    }

    void expectPending()
    {
        plug = plugReply_.get()["error"];
        unplug = unplugReply_.get()["error"];
        CHECK(plug["data"]["outcome"] == "pending");
        CHECK(unplug["data"]["outcome"] == "pending");
        for (auto& read : reads_)
            CHECK(read.get().isMember("result"));
    }

    Json::Value plug, unplug;                       ///< As they were answered.

private:
    Hotplugd& daemon_;
    TestVm &plugging_, &unplugging_;
    std::future<Json::Value> plugReply_, unplugReply_;
    std::vector<std::future<Json::Value>> reads_;
};

/// One QEMU is stopped under a plug, another under an unplug, and both are looked at, while others go on.
void stopTwoQemus(std::chrono::seconds howLong)
{
    TestHost host;
    Libvirtd libvirtd(host);
    Hotplugd daemon(host);
    TestVm plugging(daemon), unplugging(daemon), fine(daemon);
    const auto pluggingPid = startedPid(host, plugging), unpluggingPid = startedPid(host, unplugging);
    fine.start();
    for (const auto* name : {"plugged", "leaving", "queued", "others"})
        makeRaw(host.imageRoot() / name);
    unplugging.must("hotplugDisk", scsiDisk(host, "leaving"));
    Others others(daemon, fine, scsiDisk(host, "others"));
    others.workUntil(Clock::now() + 5s, "all well");
    others.rememberAsUsual();

    std::optional<Stopped> one(pluggingPid), two(unpluggingPid);
    const auto start = Clock::now();
    Victims victims(daemon, plugging, unplugging);
    victims.ask(scsiDisk(host, "plugged"), deviceId("leaving"));
    // Behind the plug there is no turn to be had, and the answer says whose it is.
    const std::vector queued{plugging.call("hotplugDisk", with(scsiDisk(host, "queued"), {{"timeout", 500}})),
        plugging.call("shutdownVm", object({{"timeout", 500}}))};
    victims.expectPending();
    for (const auto& reply : queued) {
        INFO(reply.text());
        CHECK(reply.reason() == "TOO_BUSY");
        CHECK(reply.outcome() == "refused");
        CHECK(reply.error["data"]["conflictsWith"] == victims.plug["data"]["operationId"]);
    }
    others.workUntil(start + howLong, "two QEMUs stopped");
    others.expectAsUsual();

    one.reset();
    awaitDone(daemon, libvirtd, victims.plug);
    CHECK(plugging.device("plugged")["state"] == "plugged");
    CHECK(plugging.device("queued").isNull());
    CHECK(plugging.status() == "Up");
    two.reset();
    awaitDone(daemon, libvirtd, victims.unplug);
    eventually("libvirt can be asked", [&] { return unplugging.call("listDevices", {}).ok(); });
    CHECK(unplugging.device("leaving").isNull());
    CHECK(unplugging.configXml().find("ua-leaving") == std::string::npos);
}

} // namespace

TEST_CASE("K6 K7: QEMUs stopped for 10 s under a plug, an unplug and 30 reads delay nobody else", "[integration]")
{
    stopTwoQemus(10s);
}

TEST_CASE("K6 K7: QEMUs stopped for 60 s under a plug, an unplug and 30 reads delay nobody else", "[integration][.long]")
{
    stopTwoQemus(60s);
}
