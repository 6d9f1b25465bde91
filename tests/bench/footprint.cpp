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
#include <array>
#include <fmt/format.h>
#include <future>

using namespace hotplug;
using namespace hotplug::bench;

namespace {

constexpr double memoryBudget = 12;             // MiB
constexpr std::chrono::milliseconds startBudget{500};

/// A hundred VMs in a whole run; their QEMUs run, their guests do not. They come and go in several groups at once: it
/// takes a host seconds to see the end of a QEMU.
class Sleepers {
public:
    explicit Sleepers(const test::TestHost& host)
    {
        const auto size = std::min(100u, rounds() * 10) / groups;
        inEach([&](Group& group) {
            group.libvirt = std::make_unique<BareLibvirt>(host.uri());
            while (group.vms.size() < size) {
                group.vms.push_back(std::make_unique<GuestVm>(*group.libvirt, host));
                group.vms.back()->startPaused();
            }
        });
    }
    ~Sleepers()
    {
        inEach([](Group& group) { group.vms.clear(); });
    }
    Sleepers(const Sleepers&) = delete;
    Sleepers& operator=(const Sleepers&) = delete;

    std::vector<std::string> ids() const
    {
        std::vector<std::string> all;
        for (const auto& group : groups_)
            for (const auto& vm : group.vms)
                all.push_back(vm->id());
        return all;
    }

private:
    static constexpr unsigned groups = 10;
    struct Group {
        std::unique_ptr<BareLibvirt> libvirt;
        std::vector<std::unique_ptr<GuestVm>> vms;
    };

    void inEach(const std::function<void(Group&)>& step)
    {
        std::vector<std::future<void>> steps;
        for (auto& group : groups_)
            steps.push_back(std::async(std::launch::async, [&step, &group] { step(group); }));
        for (auto& one : steps)
            one.get();
    }

    std::array<Group, groups> groups_;
};

/// As a hotplugd leaves it that is killed while each VM has an unplug under way; their guests let go meanwhile.
void leaveOpen(const test::TestHost& host, const std::vector<std::string>& vms)
{
    const auto journal = openJournal(host.stateDir());
    for (const auto& vm : vms) {
        Plan plan;
        plan.vm = Uuid::parse(vm).value();
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

void listAll(const test::TestHost& host, const std::vector<std::string>& vms)
{
    Client client(host.socket());
    for (const auto& vm : vms)
        client.must("listDevices", test::object({{"vmId", vm}}));
}

} // namespace

TEST_CASE("a hundred VMs through libvirtd")
{
    test::TestHost host;
    const test::Libvirtd libvirtd(host);
    const Sleepers sleepers(host);
    const auto vms = sleepers.ids();
    const auto with = fmt::format(", {} VMs", vms.size());
    {
        const DaemonProcess daemon(host);
        table().time("start until ready" + with, daemon.timeToReady(), startBudget);
        table().amount("RssAnon, idle" + with, daemon.rssAnonMiB(), "MiB", memoryBudget);
    }
    leaveOpen(host, vms);
    BareLibvirt libvirt(host.uri());
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
