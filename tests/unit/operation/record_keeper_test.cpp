#include "operation/operations.h"
#include "planning/planning.h"

#include "support/catch.h"
#include "support/fake_hypervisor.h"
#include "support/memory_journal.h"
#include "support/sample_vm.h"

#include <algorithm>
#include <thread>

using namespace hotplug;
using namespace hotplug::test;
using namespace std::chrono_literals;

namespace {

/// A VM with one disk that hotplugd has plugged, and what others do to its definition and records.
struct Host {
    FakeHypervisor fake{FakeHypervisor::Delivery::Thread};
    MemoryJournal journal;
    Uuid vm = Uuid::random();
    const std::string definition = sampleVm(vm, "vm", 8);
    std::unique_ptr<Operations> operations = std::make_unique<Operations>(fake, journal);

    explicit Host(FakeHypervisor::Birth birth = FakeHypervisor::Birth::Running)
    {
        fake.addVm(definition, birth);
        operations->recover();
        REQUIRE(run("hotplugDisk", plug("a")).outcome == Outcome::Done);
    }

    static Planner plug(const std::string& id)
    {
        return [id](const Domain& domain) {
            DiskRequest disk;
            disk.id = DeviceId::parse(id);
            disk.source = ImagePath{"/images/" + id};
            return planPlugDisk(domain, disk, {imageAt("/images/" + id), {}}, std::nullopt);
        };
    }

    static Planner unplug(const std::string& id)
    {
        return [id](const Domain& domain) {
            DeviceQuery query;
            query.id = DeviceId::parse(id);
            return planUnplug(domain, query, {}, std::nullopt);
        };
    }

    OperationState run(const char* verb, Planner planner)
    {
        const auto deadline = Clock::now() + 30s;
        return operations->submit({verb, vm, {}, deadline, {std::move(planner)}, {}, {}})->await(deadline);
    }

    Domain read()
    {
        const auto xml = fake.read(vm);
        return parseDomain(xml.status, xml.live, xml.config);
    }

    /// The next event without an operation; `after` moves on to it.
    JournalEvent nextDrift()
    {
        for (const auto deadline = Clock::now() + 10s;;) {
            const auto events = journal.events(after, 1000, vm).value();
            for (const auto& event : events) {
                after = event.cursor;
                if (event.kind == EventKind::Drift)
                    return event;
            }
            REQUIRE(journal.awaitEvent(after, deadline));
        }
    }

    /// A turn of the VM that comes behind what has been posted, and does nothing.
    void letLooksEnd() { REQUIRE(run("hotunplugDisk", unplug("nobody")).outcome == Outcome::Refused); }

    std::size_t driftsInAll()
    {
        letLooksEnd();
        const auto events = *journal.events(0, 1000, vm);
        return static_cast<std::size_t>(std::ranges::count(events, EventKind::Drift, &JournalEvent::kind));
    }

    void restart()
    {
        operations.reset();
        operations = std::make_unique<Operations>(fake, journal);
        const auto reads = fake.count(Method::Read, vm);
        operations->recover();
        for (const auto deadline = Clock::now() + 10s; fake.count(Method::Read, vm) == reads; std::this_thread::yield())
            REQUIRE(Clock::now() < deadline);
    }

    std::uint64_t after = 0;
};

} // namespace

TEST_CASE("A9 K8: an old definition gets the running VM's records back, and lacks its devices, told once each")
{
    Host host;
    const auto records = host.read().records;
    host.fake.redefine(host.vm, host.definition);
    const auto first = host.nextDrift(), second = host.nextDrift();
    CHECK(first.alias == "ua-a");
    CHECK(first.sentence == "the definition has lost it");
    CHECK(second.alias.empty());
    CHECK_THAT(second.sentence, Catch::Contains("those of the running VM"));
    const auto domain = host.read();
    CHECK(domain.configRecords == records);
    CHECK(domain.config->disks.empty());                // not repaired unasked
    host.restart();
    CHECK(host.driftsInAll() == 2);
}

TEST_CASE("A9 K8: what happened while hotplugd was down is found at its start")
{
    Host host;
    const auto records = host.read().records;
    host.operations.reset();
    SECTION("an old definition") { host.fake.redefine(host.vm, host.definition); }
    SECTION("the live records wiped") { host.fake.editRecords(host.vm, Scope::Live, ""); }
    SECTION("the persistent records wiped") { host.fake.editRecords(host.vm, Scope::Config, ""); }
    host.restart();
    while (!host.nextDrift().alias.empty()) {}
    CHECK(host.read().liveRecords == records);
    CHECK(host.read().configRecords == records);
}

TEST_CASE("A9: wiped live records come back from the definition")
{
    Host host;
    const auto records = host.read().records;
    host.fake.editRecords(host.vm, Scope::Live, "");
    CHECK_THAT(host.nextDrift().sentence, Catch::Contains("those of the definition"));
    CHECK(host.read().liveRecords == records);
    CHECK(host.run("hotunplugDisk", Host::unplug("a")).outcome == Outcome::Done);
    CHECK(host.driftsInAll() == 1);
}

TEST_CASE("A9: records that were wiped everywhere are not made up; the journal tells what they were about")
{
    Host host;
    host.fake.editRecords(host.vm, Scope::Both, "");
    const auto event = host.nextDrift();
    CHECK(event.alias == "ua-a");
    CHECK(event.sentence == "hotplugd's record of it has been taken away");
    CHECK(host.read().records == VmRecord());
    CHECK(host.run("hotunplugDisk", Host::unplug("a")).outcome == Outcome::Done);
    CHECK(host.driftsInAll() == 1);
}

TEST_CASE("A9 K8: records that cannot be read are told once, refuse changes, and are told again when they can be")
{
    Host host;
    const auto written = printRecords(host.read().records);
    const auto damaged = GENERATE("<vm version='1' counter='x'/>", "<vm version='2' counter='9'/>", "<vm/>");
    CAPTURE(damaged);
    host.fake.editRecords(host.vm, Scope::Live, damaged);
    CHECK(host.nextDrift().reason == Reason::RecordUnreadable);
    CHECK(host.run("hotplugDisk", Host::plug("b")).reason == Reason::RecordUnreadable);
    host.restart();
    CHECK(host.run("hotunplugDisk", Host::unplug("a")).reason == Reason::RecordUnreadable);
    CHECK_FALSE(host.read().recordsProblem.empty());    // left as it is

    host.fake.editRecords(host.vm, Scope::Live, "");
    const auto readable = host.nextDrift();
    CHECK_FALSE(readable.reason);
    CHECK_THAT(readable.sentence, Catch::Contains("can be read again"));
    CHECK_THAT(host.nextDrift().sentence, Catch::Contains("those of the definition"));
    CHECK(printRecords(host.read().records) == written);
    CHECK(host.run("hotunplugDisk", Host::unplug("a")).outcome == Outcome::Done);
    CHECK(host.driftsInAll() == 3);
}

TEST_CASE("A9 K8: a VM that is down loses its records with its definition; what the journal knows is told, once")
{
    Host host;
    REQUIRE(host.run("hotplugDisk", Host::plug("b")).outcome == Outcome::Done);
    const auto withBoth = host.fake.read(host.vm).config.value();
    REQUIRE(host.run("hotunplugDisk", Host::unplug("b")).outcome == Outcome::Done);
    host.fake.destroy(host.vm);
    host.fake.redefine(host.vm, host.definition);
    const auto lost = host.nextDrift();
    CHECK(lost.alias == "ua-a");
    CHECK_THAT(lost.sentence, Catch::Contains("neither it nor hotplugd's record"));
    CHECK(host.read().records == VmRecord());

    host.fake.redefine(host.vm, withBoth);
    const auto again = host.nextDrift(), back = host.nextDrift();
    CHECK(again.alias == "ua-b");
    CHECK_THAT(again.sentence, Catch::Contains("had unplugged"));
    CHECK(back.alias == "ua-a");
    CHECK_THAT(back.sentence, Catch::Contains("as hotplugd's record says"));
    host.restart();
    CHECK(host.driftsInAll() == 3);
}

TEST_CASE("A9: a transient VM keeps its records live, and in its definition as soon as it has one")
{
    Host host;
    host.fake.undefine(host.vm);
    REQUIRE(host.run("hotplugDisk", Host::plug("b")).outcome == Outcome::Done);
    CHECK_FALSE(host.read().config);
    CHECK(host.read().records.devices.size() == 2);

    host.fake.redefine(host.vm, host.definition);
    while (!host.nextDrift().alias.empty()) {}
    CHECK(host.read().configRecords == host.read().liveRecords);
    CHECK(host.read().records.devices.size() == 2);
}

TEST_CASE("A9 K10: while a job of the VM runs its records are not restored, and afterwards they are")
{
    Host host;
    host.fake.setJob(host.vm, true);
    host.fake.forgetCalls();
    host.fake.redefine(host.vm, host.definition);
    REQUIRE(host.nextDrift().alias == "ua-a");
    host.restart();
    host.letLooksEnd();
    CHECK(host.fake.count(Method::WriteRecords) == 0);
    host.fake.setJob(host.vm, false);
    host.restart();
    CHECK(host.nextDrift().alias.empty());
    CHECK(host.read().configRecords == host.read().liveRecords);
}

TEST_CASE("A9 R8: without a journal nothing is restored")
{
    Host host;
    host.operations.reset();
    host.journal.unusable = true;
    host.fake.forgetCalls();
    host.fake.editRecords(host.vm, Scope::Config, "");  // nothing else is amiss
    host.restart();
    host.operations.reset();                            // the look has begun, and is waited for
    CHECK(host.fake.count(Method::WriteRecords) == 0);
}

TEST_CASE("K4: without a journal every change is refused before anything is looked at")
{
    Host host;
    host.letLooksEnd();
    host.journal.unusable = true;
    host.fake.forgetCalls();
    try {
        host.run("hotplugDisk", Host::plug("b"));
        FAIL("it was taken");
    } catch (const Refusal& refusal) {
        CHECK(refusal.reason() == Reason::JournalUnwritable);
        CHECK(std::string(refusal.what()) == "the test says so");
    }
    CHECK(host.fake.count(Method::Attach) == 0);
}
