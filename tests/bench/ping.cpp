// How fast the program answers a reading call, also while one of its guests hangs.

#include "bench/bare_libvirt.h"
#include "bench/client.h"
#include "bench/daemon_process.h"
#include "bench/guest_vm.h"
#include "bench/ping_crowd.h"
#include "bench/table.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/libvirtd.h"

#include <csignal>
#include <fmt/format.h>
#include <future>

using namespace hotplug;
using namespace hotplug::bench;

namespace {

/// A QEMU that stands still and goes on at the latest when this ends.
class Stopped {
public:
    explicit Stopped(pid_t pid) : pid_(pid) { ::kill(pid_, SIGSTOP); }
    ~Stopped() { ::kill(pid_, SIGCONT); }
    Stopped(const Stopped&) = delete;
    Stopped& operator=(const Stopped&) = delete;

private:
    pid_t pid_;
};

void measure(const test::TestHost& host, const std::string& when)
{
    const std::chrono::milliseconds howLong{100 * rounds()};
    for (const unsigned connections : {1u, 8u, 64u}) {
        const auto result = PingCrowd(host.socket(), connections).run(howLong);
        table().rate(fmt::format("ping, {} connection{}{}", connections, connections == 1 ? "" : "s", when),
            result.perSecond);
        table().time("  p50", percentile(result.answers, 0.5));
        table().time("  p99", percentile(result.answers, 0.99));
    }
}

/// The state that listDevices shows.
std::string stateOf(Client& client, const std::string& vm, const std::string& id)
{
    const auto listed = client.must("listDevices", test::object({{"vmId", vm}}));
    for (const auto& device : listed["devices"])
        if (device["deviceId"] == id)
            return device["state"].asString();
    return "gone";
}

} // namespace

TEST_CASE("ping, and ping while a guest hangs")
{
    test::TestHost host;
    const test::Libvirtd libvirtd(host);
    BareLibvirt libvirt(host.uri());
    GuestVm vm(libvirt, host);
    vm.boot();
    const DaemonProcess daemon(host);
    measure(host, "");

    Client client(host.socket());
    const auto device = diskDevice(vm.id(), "hung", test::makeRaw(host.imageRoot() / "hung.img"), "virtio");
    client.must(device.plugVerb, device.plug);
    std::future<Json::Value> unplug;
    {
        const Stopped stopped(vm.qemu());
        unplug = std::async(std::launch::async,
            [&] { return Client(host.socket()).must(device.unplugVerb, device.unplug); });
        test::eventually("the unplug is under way", [&] { return stateOf(client, vm.id(), "hung") == "unplugging"; });
        measure(host, ", a guest hangs");
        CHECK(unplug.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
    }
    unplug.get();
}
