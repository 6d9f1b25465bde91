// What the program costs the host of a hundred VMs: memory, and the time until it is up again.

#include "bench/bare_libvirt.h"
#include "bench/client.h"
#include "bench/daemon_process.h"
#include "bench/guest_vm.h"
#include "bench/table.h"
#include "journal/journal.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/libvirtd.h"

#include <algorithm>
#include <fmt/format.h>
#include <future>

using namespace hotplug;
using namespace hotplug::bench;

namespace {

constexpr double memoryBudget = 12;             // MiB
constexpr std::chrono::milliseconds startBudget{500};
constexpr std::size_t atOnce = 4;               // as many requests as libvirtd serves on one connection, less one

/// A hundred in a whole run; their QEMUs run, their guests do not.
std::vector<std::unique_ptr<GuestVm>> sleepers(BareLibvirt& libvirt, const test::TestHost& host)
{
    const auto count = std::min<std::size_t>(100, rounds() * 10);
    std::vector<std::unique_ptr<GuestVm>> vms;
    while (vms.size() < count)
        vms.push_back(std::make_unique<GuestVm>(libvirt, host));
    std::vector<std::future<void>> starts;
    for (std::size_t first = 0; first < atOnce; ++first)
        starts.push_back(std::async(std::launch::async, [&vms, first] {
            for (auto i = first; i < vms.size(); i += atOnce)
                vms[i]->startPaused();
        }));
    for (auto& start : starts)
        start.get();
    return vms;
}

/// As a hotplugd leaves it that is killed while each VM has an unplug under way; their guests let go meanwhile.
void leaveOpen(const test::TestHost& host, const std::vector<std::unique_ptr<GuestVm>>& vms)
{
    const auto journal = openJournal(host.stateDir());
    for (const auto& vm : vms) {
        Plan plan;
        plan.vm = Uuid::parse(vm->id()).value();
        plan.goal = Goal::Unplug;
        plan.device = DeviceId::parse("left");
        plan.alias = Alias("ua-left");
        plan.persist = true;
        JournalEntry entry;
        entry.id = Uuid::random();
        entry.verb = "hotunplugDisk";
        entry.opened = std::chrono::system_clock::now();
        entry.intent.plans = {plan};
        journal->open(entry);
    }
}

void plugAndUnplug(const test::TestHost& host, const GuestVm& vm)
{
    Client client(host.socket());
    const auto device = diskDevice(vm.id(), "again", test::makeRaw(host.imageRoot() / "again.img"), "virtio");
    for (unsigned i = 0; i < rounds(); ++i) {
        const auto mark = vm.console().mark();
        client.must(device.plugVerb, device.plug);
        vm.console().waitFor(mark, "add disk", {{"serial", "again"}});
        client.must(device.unplugVerb, device.unplug);
    }
}

void listAll(const test::TestHost& host, const std::vector<std::unique_ptr<GuestVm>>& vms)
{
    Client client(host.socket());
    for (const auto& vm : vms)
        client.must("listDevices", test::object({{"vmId", vm->id()}}));
}

} // namespace

TEST_CASE("a hundred VMs through libvirtd")
{
    test::TestHost host;
    const test::Libvirtd libvirtd(host);
    BareLibvirt libvirt(host.uri());
    const auto vms = sleepers(libvirt, host);
    const auto with = fmt::format(", {} VMs", vms.size());
    {
        const DaemonProcess daemon(host);
        table().time("start until ready" + with, daemon.timeToReady(), startBudget);
        table().amount("RssAnon, idle" + with, daemon.rssAnonMiB(), "MiB", memoryBudget);
    }
    leaveOpen(host, vms);
    GuestVm busy(libvirt, host);
    busy.boot();
    const DaemonProcess daemon(host);
    table().time("start and settle" + with,
        daemon.timeToSettle(static_cast<unsigned>(vms.size())), startBudget);
    table().amount("RssAnon, all settled" + with, daemon.rssAnonMiB(), "MiB", memoryBudget);
    plugAndUnplug(host, busy);
    listAll(host, vms);
    table().amount(fmt::format("RssAnon, after {} plugs{}", rounds(), with), daemon.rssAnonMiB(), "MiB", memoryBudget);
}
