// The same change of several VMs at once: how much gets done, through hotplugd and by bare libvirt with a connection
// and a thread per VM.

#include "bench/guest_vm.h"
#include "bench/here.h"
#include "bench/table.h"
#include "support/catch.h"
#include "support/images.h"

#include <fmt/format.h>
#include <future>

using namespace hotplug;
using namespace hotplug::bench;

namespace {

constexpr double throughputRatio = 0.9;

/// A VM with a client of hotplugd and a libvirt connection of its own.
struct Seat {
    explicit Seat(unsigned number)
        : vm(here().bare, here().host), client(here().host.socket()), libvirt(here().host.uri()),
          domain(libvirt.find(vm.id())), name(fmt::format("d{}", number)),
          device(diskDevice(vm.id(), name, test::makeRaw(here().host.imageRoot() / (name + ".many.img")), "virtio"))
    {
        vm.boot();
        xml = device.xml(client);
    }

    void waitFor(test::Console::Mark mark, const std::string& words) const
    {
        vm.console().waitFor(mark, words, {{"serial", name}});
        vm.rest();
    }

    GuestVm vm;
    Client client;
    BareLibvirt libvirt;
    DomainHandle domain;
    const std::string name;
    const Device device;
    std::string xml;
};

using Seats = std::vector<std::unique_ptr<Seat>>;
using Step = std::function<void(Seat&)>;

Seats take(unsigned count)
{
    here();                                             // once, before the threads ask for it
    std::vector<std::future<std::unique_ptr<Seat>>> coming;
    for (unsigned i = 0; i < count; ++i)
        coming.push_back(std::async(std::launch::async, [i] { return std::make_unique<Seat>(i); }));
    Seats seats;
    for (auto& seat : coming)
        seats.push_back(seat.get());
    return seats;
}

/// Until the last of them is done.
Duration allAtOnce(const Seats& seats, unsigned count, const Step& step)
{
    return timeOf([&] {
        std::vector<std::future<void>> running;
        for (unsigned i = 0; i < count; ++i)
            running.push_back(std::async(std::launch::async, [&step, &seat = *seats[i]] { step(seat); }));
        for (auto& one : running)
            one.get();
    });
}

/// The time until the last guest has said so too, and rests, is not measured.
Duration measured(const Seats& seats, unsigned count, const std::string& words, const Step& step)
{
    std::vector<test::Console::Mark> marks;
    for (unsigned i = 0; i < count; ++i)
        marks.push_back(seats[i]->vm.console().mark());
    const auto time = allAtOnce(seats, count, step);
    for (unsigned i = 0; i < count; ++i)
        seats[i]->waitFor(marks[i], words);
    return time;
}

void compare(const Seats& seats, unsigned count)
{
    Durations plugOurs, plugBare, unplugOurs, unplugBare;
    for (unsigned i = 0; i < rounds(3); ++i) {
        plugOurs.push_back(measured(seats, count, "add disk",
            [](Seat& seat) { seat.client.must(seat.device.plugVerb, seat.device.plug); }));
        unplugOurs.push_back(measured(seats, count, "del disk",
            [](Seat& seat) { seat.client.must(seat.device.unplugVerb, seat.device.unplug); }));
        plugBare.push_back(measured(seats, count, "add disk",
            [](Seat& seat) { seat.libvirt.plug(seat.domain.get(), seat.xml); }));
        unplugBare.push_back(measured(seats, count, "del disk",
            [](Seat& seat) { seat.libvirt.unplug(seat.domain.get(), seat.device.alias); }));
    }
    const auto perSecond = [count](const Durations& times) { return count * 1e6 / median(times).count(); };
    const auto where = fmt::format("{} VM{} at once", count, count == 1 ? "" : "s");
    table().compareRates("plugs, " + where, perSecond(plugOurs), perSecond(plugBare), throughputRatio);
    table().compareRates("unplugs, " + where, perSecond(unplugOurs), perSecond(unplugBare), throughputRatio);
}

} // namespace

TEST_CASE("disks of several VMs come and go together")
{
    const auto seats = take(8);
    for (const unsigned count : {1u, 4u, 8u})
        compare(seats, count);
}
