#include "operation/drift.h"

#include "planning/planning.h"
#include "support/catch.h"
#include "support/fake_hypervisor.h"
#include "support/memory_journal.h"
#include "support/sample_vm.h"

using namespace hotplug;
using namespace hotplug::test;
using namespace std::chrono_literals;

namespace {

const Alias alias("ua-a");

/// A VM with one disk that hotplugd has plugged.
struct Host {
    FakeHypervisor fake{FakeHypervisor::Delivery::Thread};
    MemoryJournal journal;
    std::unique_ptr<Operations> operations = std::make_unique<Operations>(fake, journal);
    const std::string definition = sampleVm(Uuid::random(), "vm", 8);
    Uuid vm = fake.addVm(definition);

    Host()
    {
        operations->recover();
        REQUIRE(run("hotplugDisk", plug()).outcome == Outcome::Done);
    }

    static Planner plug()
    {
        return [](const Domain& domain) {
            DiskRequest disk;
            disk.id = DeviceId::parse("a");
            disk.source = ImagePath{"/images/a"};
            return planPlugDisk(domain, disk, {imageAt("/images/a"), {}}, std::nullopt);
        };
    }

    static Planner unplug()
    {
        return [](const Domain& domain) {
            DeviceQuery query;
            query.id = DeviceId::parse("a");
            return planUnplug(domain, query, {}, std::nullopt);
        };
    }

    OperationState run(const char* verb, Planner planner, Clock::duration timeout = 30s)
    {
        const auto deadline = Clock::now() + timeout;
        return operations->submit({verb, vm, {}, deadline, {std::move(planner)}, {}, {}})->await(deadline);
    }

    Domain read()
    {
        const auto xml = fake.read(vm);
        return parseDomain(xml.status, xml.live, xml.config);
    }

    /// Waits for the event, and for so many of them; its absence is told by the one that comes last.
    std::vector<JournalEvent> eventsUntil(EventKind last, std::size_t many = 1)
    {
        const auto deadline = Clock::now() + 10s;
        for (;;) {
            const auto cursor = journal.cursor();
            auto events = *journal.events(0, 1000, vm);
            if (!events.empty() && events.back().kind == last && count(last) >= many)
                return events;
            REQUIRE(journal.awaitEvent(cursor, deadline));
        }
    }

    std::size_t count(EventKind kind)
    {
        std::size_t found = 0;
        const auto events = journal.events(0, 1000, vm).value();
        for (const auto& event : events)
            found += event.kind == kind;
        return found;
    }
};

} // namespace

TEST_CASE("K8: a device that the guest ejects by itself is reported once, and nothing is repaired")
{
    Host host;
    host.fake.completeUnplug(host.vm, alias);
    const auto events = host.eventsUntil(EventKind::Drift);
    CHECK(events.back().alias == alias.str());
    CHECK_FALSE(events.back().operation);
    CHECK(host.fake.read(host.vm).config->find("ua-a") != std::string::npos);
    host.operations.reset();
    host.operations = std::make_unique<Operations>(host.fake, host.journal);
    host.operations->recover();
    // Asked for, the running VM gets it back; its lane has looked before.
    const auto again = host.run("hotplugDisk", Host::plug());
    CHECK(again.outcome == Outcome::Done);
    CHECK_FALSE(again.plans.front().persist);
    CHECK(host.count(EventKind::Drift) == 1);
}

TEST_CASE("K8: what hotplugd itself plugs, unplugs and undoes is no drift")
{
    Host host;
    REQUIRE(host.run("hotunplugDisk", Host::unplug()).outcome == Outcome::Done);
    host.fake.failNext(Method::Attach, ErrorKind::SourceInUse);
    REQUIRE(host.run("hotplugDisk", Host::plug()).outcome == Outcome::Failed);
    REQUIRE(host.run("hotplugDisk", Host::plug()).outcome == Outcome::Done);
    host.operations.reset();                    // waits for what the events have queued
    CHECK(host.count(EventKind::Drift) == 0);
}

TEST_CASE("K8: what went while libvirt was away is found at the reconnect")
{
    Host host;
    host.fake.disconnect();
    host.fake.completeUnplug(host.vm, alias);
    host.fake.reconnect();
    CHECK(host.eventsUntil(EventKind::Drift).back().alias == alias.str());
}

TEST_CASE("K3: a device that leaves after its unplug was cancelled is reported as such, and stays defined")
{
    Host host;
    host.fake.scriptUnplug(host.vm, {.busy = 0, .asks = 0, .event = true, .repeatsRefused = true});
    const auto pending = host.run("hotunplugDisk", Host::unplug(), 200ms);
    REQUIRE(host.operations->cancel(pending.id, Clock::now() + 10s).outcome == Outcome::Cancelled);
    host.fake.completeUnplug(host.vm, alias);
    const auto events = host.eventsUntil(EventKind::RemovedAfterCancel);
    CHECK(events.back().operation == pending.id);
    CHECK(host.fake.read(host.vm).config->find("ua-a") != std::string::npos);
}

TEST_CASE("K8: a device that could not be given back is as it was before: defined and recorded")
{
    Host host;
    const auto records = host.read().records;
    host.fake.completeUnplug(host.vm, alias);
    host.eventsUntil(EventKind::Drift);
    host.fake.failNext(Method::Attach, ErrorKind::SourceInUse);
    CHECK(host.run("hotplugDisk", Host::plug()).outcome == Outcome::Failed);
    CHECK(host.fake.read(host.vm).config->find("ua-a") != std::string::npos);
    CHECK(host.read().records == records);
    CHECK(host.run("hotplugDisk", Host::plug()).outcome == Outcome::Done);
    CHECK(host.read().live->disks.size() == 1);
    CHECK(host.run("hotunplugDisk", Host::unplug()).outcome == Outcome::Done);
    CHECK(host.read().config->disks.empty());
}

TEST_CASE("K8: of a device that others have taken out everywhere an unplug clears the record away")
{
    Host host;
    host.fake.redefine(host.vm, host.definition);
    host.eventsUntil(EventKind::Drift);
    host.fake.completeUnplug(host.vm, alias);
    const auto done = host.run("hotunplugDisk", Host::unplug());
    CHECK(done.outcome == Outcome::Done);
    CHECK(host.read().records.devices.empty());
    CHECK(host.run("hotunplugDisk", Host::unplug()).reason == Reason::DeviceNotFound);
    CHECK(host.run("hotplugDisk", Host::plug()).outcome == Outcome::Done);
}

TEST_CASE("K8: an unplug that somebody else completes first is done")
{
    Host host;
    host.fake.scriptUnplug(host.vm, {.busy = 0, .asks = 0, .event = true, .repeatsRefused = true});
    const auto pending = host.run("hotunplugDisk", Host::unplug(), 100ms);
    CHECK(pending.outcome == Outcome::Pending);
    host.fake.redefine(host.vm, host.definition);
    host.fake.completeUnplug(host.vm, alias);
    CHECK(host.eventsUntil(EventKind::Done).back().operation == pending.id);
    CHECK(host.read().records.devices.empty());
    const auto events = host.journal.events(0, 1000, host.vm).value();
    for (const auto& event : events)
        CHECK((event.kind != EventKind::Drift || event.alias.empty()));     // of the definition's records, not the device
}

TEST_CASE("K8: what others attach and detach is told each time")
{
    Host host;
    constexpr auto xml = "<disk type='file' device='disk'><source file='/images/f'/><target dev='vdz' bus='virtio'/>"
                         "<alias name='ua-f'/></disk>";
    for (int round = 0; round < 2; ++round) {
        host.fake.attach(host.vm, Scope::Live, xml);
        const auto before = 2U * static_cast<unsigned>(round);
        CHECK(host.eventsUntil(EventKind::Drift, before + 1).back().sentence == "somebody else has plugged it");
        host.fake.completeUnplug(host.vm, Alias("ua-f"));
        host.eventsUntil(EventKind::Drift, before + 2);
    }
    CHECK(host.count(EventKind::Drift) == 4);
}
