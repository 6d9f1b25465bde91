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
    Uuid vm = fake.addVm(sampleVm(Uuid::random(), "vm", 8));

    Host() { REQUIRE(run("hotplugDisk", plug()).outcome == Outcome::Done); }

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

    /// Waits for the event; its absence is told by the one that comes last.
    std::vector<JournalEvent> eventsUntil(EventKind last)
    {
        const auto deadline = Clock::now() + 10s;
        for (;;) {
            const auto cursor = journal.cursor();
            auto events = *journal.events(0, 1000, vm);
            if (!events.empty() && events.back().kind == last)
                return events;
            REQUIRE(journal.awaitEvent(cursor, deadline));
        }
    }

    std::size_t count(EventKind kind)
    {
        std::size_t found = 0;
        for (const auto& event : *journal.events(0, 1000, vm))
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
    REQUIRE(host.run("hotplugDisk", Host::plug()).outcome == Outcome::Refused);     // its lane has looked before
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
