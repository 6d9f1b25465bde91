#include "operation/operations.h"

#include "planning/planning.h"
#include "support/catch.h"
#include "support/fake_hypervisor.h"
#include "support/memory_journal.h"
#include "support/sample_vm.h"

#include <future>
#include <thread>

using namespace hotplug;
using namespace hotplug::test;
using namespace std::chrono_literals;

namespace {

DeviceId id(const std::string& text)
{
    return *DeviceId::parse(text);
}

Ask plugAsk(const Uuid& vm, const std::string& device, Clock::duration timeout, Bus bus = Bus::Virtio)
{
    return {"hotplugDisk", vm, {}, Clock::now() + timeout, {[vm, device, bus](const Domain& domain) {
        const auto path = "/images/" + vm.str() + "/" + device;
        DiskRequest disk;
        disk.id = id(device);
        disk.bus = bus;
        disk.source = ImagePath{path};
        return planPlugDisk(domain, disk, {imageAt(path), {}}, std::nullopt);
    }}};
}

Ask unplugAsk(const Uuid& vm, const std::string& device, Clock::duration timeout)
{
    return {"hotunplugDisk", vm, {}, Clock::now() + timeout, {[device](const Domain& domain) {
        DeviceQuery query;
        query.id = id(device);
        return planUnplug(domain, query, {}, std::nullopt);
    }}};
}

struct Host {
    FakeHypervisor fake{FakeHypervisor::Delivery::Thread};
    MemoryJournal journal;
    Operations operations{fake, journal};

    Host() { operations.recover(); }

    Uuid addVm(const std::string& name) { return fake.addVm(sampleVm(Uuid::random(), name, 8)); }

    std::shared_ptr<Operation> plug(const Uuid& vm, const std::string& device, Clock::duration timeout = 30s)
    {
        return operations.submit(plugAsk(vm, device, timeout));
    }

    std::shared_ptr<Operation> unplug(const Uuid& vm, const std::string& device, Clock::duration timeout = 30s)
    {
        return operations.submit(unplugAsk(vm, device, timeout));
    }

    OperationState done(const std::shared_ptr<Operation>& operation) { return operation->await(Clock::now() + 30s); }
};

constexpr UnplugScript deaf{.busy = 0, .asks = 0, .event = true, .repeatsRefused = true};

} // namespace

TEST_CASE("K6: plug and unplug go through their VM's lane and end done")
{
    Host host;
    const auto vm = host.addVm("one");
    CHECK(host.done(host.plug(vm, "a")).outcome == Outcome::Done);
    CHECK(host.done(host.unplug(vm, "a")).outcome == Outcome::Done);
    CHECK(host.operations.open(vm).empty());
}

TEST_CASE("K3: a deaf guest's unplug is pending at the deadline, shows as open, and completes when the guest answers")
{
    Host host;
    const auto vm = host.addVm("one");
    host.done(host.plug(vm, "a"));
    host.fake.scriptUnplug(vm, deaf);
    const auto operation = host.unplug(vm, "a", 200ms);
    const auto answer = operation->await(Clock::now() + 200ms);
    CHECK(answer.outcome == Outcome::Pending);
    CHECK(answer.reason == Reason::GuestNotResponding);
    REQUIRE(host.operations.open(vm).size() == 1);
    CHECK(host.operations.open(vm).front().plan->goal == Goal::Unplug);

    host.fake.completeUnplug(vm, Alias::of(id("a")));
    CHECK(host.done(operation).outcome == Outcome::Done);
}

TEST_CASE("K3: a second unplug of the same device joins the first")
{
    Host host;
    const auto vm = host.addVm("one");
    host.done(host.plug(vm, "a"));
    host.fake.scriptUnplug(vm, deaf);
    const auto first = host.unplug(vm, "a", 100ms)->await(Clock::now() + 100ms);
    const auto second = host.unplug(vm, "a");
    CHECK(second->await(Clock::now() + 100ms).id == first.id);
    host.fake.completeUnplug(vm, Alias::of(id("a")));
    const auto end = host.done(second);
    CHECK(end.outcome == Outcome::Done);
    CHECK(end.id == first.id);
}

TEST_CASE("P5: a plug of a device that is still on its way out is refused with what it waits for")
{
    Host host;
    const auto vm = host.addVm("one");
    host.done(host.plug(vm, "a"));
    host.fake.scriptUnplug(vm, deaf);
    host.unplug(vm, "a", 50ms)->await(Clock::now() + 50ms);
    const auto answer = host.done(host.plug(vm, "a"));
    CHECK(answer.outcome == Outcome::Refused);
    CHECK(answer.reason == Reason::HasPendingUnplug);
    CHECK(answer.conflictsWith == "ua-a");
}

TEST_CASE("K6: waiting for a guest holds no turn: other devices of the VM come and go meanwhile")
{
    Host host;
    const auto vm = host.addVm("one");
    host.done(host.plug(vm, "a"));
    host.done(host.plug(vm, "b"));
    host.fake.scriptUnplug(vm, deaf, Alias::of(id("a")));
    const auto stuck = host.unplug(vm, "a");
    CHECK(host.done(host.unplug(vm, "b")).outcome == Outcome::Done);
    CHECK(host.done(host.plug(vm, "c")).outcome == Outcome::Done);
    host.fake.completeUnplug(vm, Alias::of(id("a")));
    CHECK(host.done(stuck).outcome == Outcome::Done);
}

TEST_CASE("K6: a VM whose QEMU hangs delays no other VM, and answers pending at the deadline")
{
    Host host;
    const auto hung = host.addVm("hung"), well = host.addVm("well");
    host.fake.hang(hung);
    const auto stuck = host.plug(hung, "a", 300ms);
    CHECK(host.done(host.plug(well, "a")).outcome == Outcome::Done);
    CHECK(stuck->await(Clock::now() + 300ms).outcome == Outcome::Pending);
    const auto queued = host.plug(hung, "b", 100ms);
    const auto refused = queued->await(Clock::now() + 100ms);
    CHECK(refused.outcome == Outcome::Refused);
    CHECK(refused.reason == Reason::TooBusy);
    host.fake.release(hung);
    CHECK(host.done(stuck).outcome == Outcome::Done);
    CHECK(host.journal.size() == 2);
}

TEST_CASE("K6: a VM's queue is bounded and says so at once")
{
    Host host;
    const auto vm = host.addVm("hung");
    host.fake.hang(vm);
    std::vector<std::shared_ptr<Operation>> accepted{host.plug(vm, "first")};
    while (host.fake.blocked() == 0)            // else what was queued before it takes room
        std::this_thread::yield();
    const auto fill = [&] {
        for (int i = 0; i < 200; ++i)
            accepted.push_back(host.plug(vm, "x" + std::to_string(i)));
    };
    CHECK_THROWS_AS(fill(), Refusal);
    CHECK(accepted.size() >= 64);
    CHECK(accepted.size() <= 66);
    host.fake.release(vm);
    CHECK(host.done(accepted.front()).outcome == Outcome::Done);
}

TEST_CASE("K6: unplugs of one VM are under way together")
{
    Host host;
    const auto vm = host.addVm("one");
    std::vector<std::shared_ptr<Operation>> unplugs;
    for (const auto* name : {"a", "b", "c", "d", "e"})
        host.done(host.plug(vm, name));
    host.fake.scriptUnplug(vm, deaf);
    for (const auto* name : {"a", "b", "c", "d", "e"})
        unplugs.push_back(host.unplug(vm, name));
    host.done(host.plug(vm, "after"));          // its turn comes behind theirs
    for (const auto* name : {"e", "c", "a", "b", "d"})
        host.fake.completeUnplug(vm, Alias::of(id(name)));
    for (const auto& unplug : unplugs)
        CHECK(host.done(unplug).outcome == Outcome::Done);
}

TEST_CASE("K1: many VMs and clients at once agree with what libvirt has in the end")
{
    Host host;
    std::vector<std::future<void>> clients;
    for (int client = 0; client < 8; ++client) {
        const auto vm = host.addVm("vm" + std::to_string(client / 2));
        clients.push_back(std::async(std::launch::async, [&host, vm, client] {
            for (int round = 0; round < 20; ++round) {
                const auto device = "d" + std::to_string(client) + "-" + std::to_string(round % 3);
                if (host.done(host.plug(vm, device)).outcome == Outcome::Done)
                    host.done(host.unplug(vm, device));
            }
        }));
    }
    for (auto& client : clients)
        client.get();
    for (const auto& summary : host.fake.vms()) {
        const auto xml = host.fake.read(summary.uuid);
        const auto domain = parseDomain(xml.status, xml.live, xml.config);
        CHECK(domain.live->disks.empty());
        CHECK(domain.config->disks.empty());
        CHECK(domain.records.devices.empty());
    }
    CHECK(host.journal.unsettled().empty());
}

TEST_CASE("K4: what was left open is settled when we start again")
{
    FakeHypervisor fake{FakeHypervisor::Delivery::Thread};
    MemoryJournal journal;
    const auto vm = fake.addVm(sampleVm(Uuid::random(), "one"));
    {
        Operations before(fake, journal);
        before.submit(plugAsk(vm, "a", 30s))->await(Clock::now() + 30s);
        fake.scriptUnplug(vm, deaf);
        before.submit(unplugAsk(vm, "a", 100ms))->await(Clock::now() + 100ms);
        CHECK(before.stop(5s));
    }
    fake.completeUnplug(vm, Alias::of(id("a")));
    Operations after(fake, journal);
    after.recover();
    const auto until = Clock::now() + 10s;
    while ((!journal.unsettled().empty() || !after.open(vm).empty()) && Clock::now() < until)
        std::this_thread::yield();
    CHECK(journal.unsettled().empty());
    CHECK(after.open(vm).empty());
    const auto xml = fake.read(vm);
    CHECK(parseDomain(xml.status, xml.live, xml.config).config->disks.empty());
}

TEST_CASE("K6: stopping wakes who waits, and leaves what is open in the journal")
{
    Host host;
    const auto vm = host.addVm("one");
    host.done(host.plug(vm, "a"));
    host.fake.scriptUnplug(vm, deaf);
    const auto unplug = host.unplug(vm, "a");
    host.done(host.plug(vm, "b"));              // the unplug's turn is over, it waits for the guest
    auto waiter = std::async(std::launch::async, [&] { return unplug->await(Clock::now() + 30s); });
    CHECK(host.operations.stop(5s));
    CHECK(waiter.get().outcome == Outcome::Pending);
    CHECK(host.journal.unsettled().size() == 1);
    CHECK_THROWS_AS(host.plug(vm, "c"), Refusal);
}

TEST_CASE("P5: an address that a guest has just released rests while another is free, and is used when none is")
{
    Host host;
    const auto vm = host.fake.addVm(sampleVm(Uuid::random(), "two ports", 2));
    const auto busOf = [&](const OperationState& state) { return std::get<PciAddress>(*state.plans.front().address).bus; };
    CHECK(busOf(host.done(host.plug(vm, "a"))) == 1);
    host.done(host.unplug(vm, "a"));
    CHECK(busOf(host.done(host.plug(vm, "b"))) == 2);
    CHECK(busOf(host.done(host.plug(vm, "c"))) == 1);
}

TEST_CASE("P3: a SCSI unit is the lowest hole again as soon as its disk is gone")
{
    Host host;
    const auto vm = host.addVm("scsi");
    const auto plug = [&](const char* device) {
        return host.done(host.operations.submit(plugAsk(vm, device, 30s, Bus::Scsi)));
    };
    CHECK(std::get<DriveAddress>(*plug("a").plans.front().address).unit == 0);
    host.done(host.unplug(vm, "a"));
    CHECK(std::get<DriveAddress>(*plug("b").plans.front().address).unit == 0);
}

TEST_CASE("R2 K3: a disk that has left a list is not plugged again before the others have left, too")
{
    Host host;
    const auto vm = host.addVm("lists");
    const auto list = [&](Ask first, Ask second) {
        first.planners.push_back(second.planners.front());
        return host.operations.submit(std::move(first));
    };
    REQUIRE(host.done(list(plugAsk(vm, "a", 30s), plugAsk(vm, "b", 30s))).outcome == Outcome::Done);
    host.fake.scriptUnplug(vm, {.busy = 0, .asks = 0, .event = true, .repeatsRefused = true});
    const auto leaving = list(unplugAsk(vm, "a", 200ms), unplugAsk(vm, "b", 200ms));
    REQUIRE(leaving->await(Clock::now() + 200ms).outcome == Outcome::Pending);
    host.fake.completeUnplug(vm, Alias("ua-a"));
    while (host.fake.read(vm).config->find("ua-a") != std::string::npos)
        std::this_thread::yield();

    CHECK(host.done(host.plug(vm, "a")).reason == Reason::HasPendingUnplug);
    CHECK(host.done(host.unplug(vm, "b")).reason == Reason::HasPendingUnplug);
    host.fake.completeUnplug(vm, Alias("ua-b"));
    REQUIRE(leaving->await(Clock::now() + 30s).outcome == Outcome::Done);
    CHECK(host.done(host.plug(vm, "a")).outcome == Outcome::Done);
}
