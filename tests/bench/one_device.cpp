// One device, plugged and unplugged by turns: through hotplugd and by the equal calls of bare libvirt.

#include "bench/guest_vm.h"
#include "bench/here.h"
#include "bench/table.h"
#include "support/bridge.h"
#include "support/catch.h"
#include "support/images.h"

using namespace hotplug;
using namespace hotplug::bench;

namespace {

constexpr double plugRatio = 1.10, unplugRatio = 1.05;
constexpr std::chrono::milliseconds ownBudget{1};

/// What is measured of one side.
struct Side {
    Durations plug, unplug, untilEvent, afterEvent;
};

/// What is known of ours beside that.
struct Inside {
    Durations ping;                                     ///< The way in and out alone, at the same calm.
    Durations plugOwn, plugReads, plugAttach, plugRecords;
    Durations unplugOwn, unplugReads, unplugConfig, unplugRecords;
};

class Duel {
public:
    Duel(GuestVm& vm, Device device, std::string kind, test::Console::Values seenAs)
        : vm_(vm), device_(std::move(device)), kind_(std::move(kind)), seenAs_(std::move(seenAs)),
          xml_(device_.xml(here_.client))
    {
    }

    /// By turns, each of them first in every other round.
    void fight(unsigned times)
    {
        ours();                                         // the first of its kind is never typical
        bare();
        ours_ = bare_ = {};
        inside_ = {};
        for (unsigned i = 0; i < times; ++i) {
            i % 2 == 0 ? ours() : bare();
            i % 2 == 0 ? bare() : ours();
        }
    }

    void report(const std::string& name) const
    {
        table().compare("plug a " + name, median(ours_.plug), median(bare_.plug), plugRatio);
        table().time("  our own time (outside the port)", median(inside_.plugOwn), ownBudget);
        table().time("  a ping instead", median(inside_.ping));
        table().compare("  in the attach", median(inside_.plugAttach), median(bare_.plug));
        table().time("  in reads", median(inside_.plugReads));
        table().time("  in writing the record", median(inside_.plugRecords));
        table().compare("unplug a " + name, median(ours_.unplug), median(bare_.unplug), unplugRatio);
        table().compare("  until DEVICE_REMOVED", median(ours_.untilEvent), median(bare_.untilEvent));
        table().compare("  after it", median(ours_.afterEvent), median(bare_.afterEvent));
        table().time("  our own time after it (outside the port)", median(inside_.unplugOwn), ownBudget);
        table().time("  in reads, before and after", median(inside_.unplugReads));
        table().compare("  in the detach of the definition", median(inside_.unplugConfig), median(bare_.afterEvent));
        table().time("  in writing the record", median(inside_.unplugRecords));
    }

private:
    void ours()
    {
        plugOurs();
        unplugOurs();
        inside_.ping.push_back(timeOf([this] { here_.client.must("ping", test::object({})); }));
        vm_.rest();
    }

    void bare()
    {
        plugBare();
        unplugBare();
    }

    Clock::time_point timed(const std::string& guestSays, Durations& into, const std::function<void()>& step)
    {
        here_.daemon.meter().clear();
        const auto mark = vm_.console().mark();
        const auto from = Clock::now();
        into.push_back(timeOf(step));
        vm_.console().waitFor(mark, guestSays + " " + kind_, seenAs_);
        vm_.rest();
        return from;
    }

    void plugOurs()
    {
        const auto from = timed("add", ours_.plug, [this] { here_.client.must(device_.plugVerb, device_.plug); });
        const auto& meter = here_.daemon.meter();
        inside_.plugOwn.push_back(meter.outside(from, endOf(from, ours_.plug)));
        inside_.plugAttach.push_back(meter.inside("attach"));
        inside_.plugReads.push_back(meter.inside("read"));
        inside_.plugRecords.push_back(meter.inside("writeRecords"));
    }

    void unplugOurs()
    {
        const auto from = timed("del", ours_.unplug, [this] { here_.client.must(device_.unplugVerb, device_.unplug); });
        const auto& meter = here_.daemon.meter();
        const auto removed = noteEvent(from, ours_);
        inside_.unplugOwn.push_back(meter.outside(removed, endOf(from, ours_.unplug)));
        inside_.unplugReads.push_back(meter.inside("read"));
        inside_.unplugConfig.push_back(meter.inside("detach config"));
        inside_.unplugRecords.push_back(meter.inside("writeRecords"));
    }

    void plugBare()
    {
        timed("add", bare_.plug, [this] { here_.bare.plug(vm_.domain(), xml_); });
    }

    void unplugBare()
    {
        const auto from = timed("del", bare_.unplug, [this] { here_.bare.unplug(vm_.domain(), device_.alias); });
        noteEvent(from, bare_);
    }

    Clock::time_point noteEvent(Clock::time_point from, Side& side)
    {
        const auto removed = here_.daemon.meter().removalOf(device_.alias);
        side.untilEvent.push_back(removed - from);
        side.afterEvent.push_back(endOf(from, side.unplug) - removed);
        return removed;
    }

    static Clock::time_point endOf(Clock::time_point from, const Durations& times)
    {
        return from + std::chrono::duration_cast<Clock::duration>(times.back());
    }

    Here& here_ = here();
    GuestVm& vm_;
    const Device device_;
    const std::string kind_;
    const test::Console::Values seenAs_;
    const std::string xml_;
    Side ours_, bare_;
    Inside inside_;
};

} // namespace

TEST_CASE("a virtio disk comes and goes")
{
    GuestVm vm(here().bare, here().host);
    vm.boot();
    const auto image = test::makeRaw(here().host.imageRoot() / "one.img");
    Duel duel(vm, diskDevice(vm.id(), "one", image, "virtio"), "disk", {{"serial", "one"}});
    duel.fight(rounds());
    duel.report("virtio disk");
}

TEST_CASE("a virtio NIC comes and goes")
{
    const test::Bridge bridge;
    GuestVm vm(here().bare, here().host);
    vm.boot();
    Duel duel(vm, nicDevice(vm.id(), "card", bridge.name()), "nic", {{"mac", nicMac}});
    duel.fight(rounds());
    duel.report("virtio NIC");
}
