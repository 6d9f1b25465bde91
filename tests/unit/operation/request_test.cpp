#include "operation/operations.h"

#include "planning/planning.h"
#include "support/catch.h"
#include "support/fake_hypervisor.h"
#include "support/memory_journal.h"
#include "support/sample_vm.h"

#include <thread>

using namespace hotplug;
using namespace hotplug::test;
using namespace std::chrono_literals;

namespace {

constexpr UnplugScript deaf{.busy = 0, .asks = 0, .event = true, .repeatsRefused = true};

struct Host {
    FakeHypervisor fake{FakeHypervisor::Delivery::Thread};
    MemoryJournal journal;
    std::unique_ptr<Operations> operations = std::make_unique<Operations>(fake, journal);
    Uuid vm = fake.addVm(sampleVm(Uuid::random(), "vm", 8));

    Host() { operations->recover(); }

    Ask ask(const char* verb, const std::string& request, const std::string& params, Clock::duration timeout, Planner planner)
    {
        return {verb, vm, {}, Clock::now() + timeout, {std::move(planner)}, request, params};
    }

    Ask plug(const std::string& device, const std::string& request)
    {
        return ask("hotplugDisk", request, device, 30s, [device](const Domain& domain) {
            DiskRequest disk;
            disk.id = DeviceId::parse(device);
            disk.source = ImagePath{"/images/" + device};
            return planPlugDisk(domain, disk, {imageAt("/images/" + device), {}}, std::nullopt);
        });
    }

    Ask unplug(const std::string& device, const std::string& request, Clock::duration timeout = 30s)
    {
        return ask("hotunplugDisk", request, device, timeout, [device](const Domain& domain) {
            DeviceQuery query;
            query.id = DeviceId::parse(device);
            return planUnplug(domain, query, {}, std::nullopt);
        });
    }

    static Ask withTimeout(Ask request, Clock::duration timeout)
    {
        request.deadline = Clock::now() + timeout;
        return request;
    }

    OperationState run(Ask request)
    {
        const auto deadline = request.deadline;
        return operations->submit(std::move(request))->await(deadline);
    }

    std::vector<EventKind> kindsOf(const Uuid& operation)
    {
        std::vector<EventKind> kinds;
        for (const auto& event : journal.timeline(operation))
            kinds.push_back(event.kind);
        return kinds;
    }

    void restart()
    {
        operations.reset();
        operations = std::make_unique<Operations>(fake, journal);
        operations->recover();
    }
};

std::optional<Reason> reasonOf(const std::function<void()>& call)
{
    try {
        call();
        return std::nullopt;
    } catch (const Refusal& refusal) {
        return refusal.reason();
    }
}

} // namespace

TEST_CASE("R3: the same request id gives the first call's outcome, also after a restart, and acts once")
{
    Host host;
    const auto first = host.run(host.plug("a", "r-1"));
    REQUIRE(first.outcome == Outcome::Done);
    if (GENERATE(false, true))
        host.restart();
    const auto again = host.run(host.plug("a", "r-1"));
    CHECK(again.id == first.id);
    CHECK(again.outcome == Outcome::Done);
    CHECK(again.plans == first.plans);
    CHECK(host.fake.count(Method::Attach) == 1);
}

TEST_CASE("R3: a repeated request joins the first while it runs")
{
    Host host;
    host.run(host.plug("a", ""));
    host.fake.scriptUnplug(host.vm, deaf);
    const auto first = host.operations->submit(host.unplug("a", "r-1", 200ms));
    const auto second = host.operations->submit(host.unplug("a", "r-1"));
    CHECK(second == first);
    CHECK(first->await(Clock::now() + 200ms).outcome == Outcome::Pending);
    host.fake.completeUnplug(host.vm, Alias("ua-a"));
    CHECK(second->await(Clock::now() + 10s).outcome == Outcome::Done);
}

TEST_CASE("R3: a request that joined another one's unplug is answered by it for good")
{
    Host host;
    host.run(host.plug("a", ""));
    host.fake.scriptUnplug(host.vm, deaf);
    const auto first = host.operations->submit(host.unplug("a", "r-1", 200ms));
    REQUIRE(first->await(Clock::now() + 200ms).outcome == Outcome::Pending);
    const auto id = host.run(host.unplug("a", "r-2", 200ms)).id;
    CHECK(id == first->await(Clock::now()).id);
    CHECK(host.run(host.unplug("a", "r-2", 200ms)).id == id);
    host.fake.completeUnplug(host.vm, Alias("ua-a"));
    REQUIRE(first->await(Clock::now() + 10s).outcome == Outcome::Done);
    if (GENERATE(false, true))
        host.restart();
    const auto again = host.run(host.unplug("a", "r-2"));
    CHECK(again.outcome == Outcome::Done);
    CHECK(again.id == id);
    CHECK(reasonOf([&] { host.run(host.plug("a", "r-2")); }) == Reason::RequestIdReused);
}

TEST_CASE("R3 K4: a request whose id cannot be kept joins nothing")
{
    Host host;
    host.run(host.plug("a", ""));
    host.fake.scriptUnplug(host.vm, deaf);
    const auto pending = host.run(host.unplug("a", "r-1", 200ms));
    REQUIRE(pending.outcome == Outcome::Pending);
    host.journal.unwritable = true;
    const auto refused = host.run(host.unplug("a", "r-2", 200ms));
    CHECK(refused.outcome == Outcome::Refused);
    CHECK(refused.reason == Reason::JournalUnwritable);
    CHECK(host.run(host.unplug("a", "", 200ms)).id == pending.id);              // there is nothing to be kept
    host.journal.unwritable = false;
    CHECK(host.run(host.unplug("a", "r-2", 200ms)).id == pending.id);
}

TEST_CASE("R3: a request id with other params, another verb or VM is refused, while it runs and afterwards")
{
    Host host;
    host.run(host.plug("a", "r-1"));
    CHECK(reasonOf([&] { host.run(host.plug("b", "r-1")); }) == Reason::RequestIdReused);
    CHECK(reasonOf([&] { host.run(host.unplug("a", "r-1")); }) == Reason::RequestIdReused);
    host.restart();
    CHECK(reasonOf([&] { host.run(host.plug("b", "r-1")); }) == Reason::RequestIdReused);
}

TEST_CASE("R3: a refusal does not use a request id up")
{
    Host host;
    host.run(host.plug("a", "r-1"));
    REQUIRE(host.run(host.plug("a", "r-2")).outcome == Outcome::Refused);
    host.run(host.unplug("a", ""));
    CHECK(host.run(host.plug("a", "r-2")).outcome == Outcome::Done);
}

TEST_CASE("R3: a retry after its turn did not come in time is a request of its own")
{
    Host host;
    host.fake.hang(host.vm);
    const auto stuck = host.operations->submit(host.plug("a", ""));
    const auto refused = host.run(host.withTimeout(host.plug("b", "r-1"), 50ms));
    CHECK(refused.outcome == Outcome::Refused);
    CHECK(refused.reason == Reason::TooBusy);
    const auto retry = host.operations->submit(host.plug("b", "r-1"));      // the first one still stands in the queue
    host.fake.release(host.vm);
    CHECK(retry->await(Clock::now() + 30s).outcome == Outcome::Done);
    CHECK(stuck->await(Clock::now() + 30s).outcome == Outcome::Done);
}

TEST_CASE("K3 K9: an operation is over for everybody once its caller was told so, also while the journal cannot take it")
{
    Host host;
    host.fake.hang(host.vm);
    const auto plug = host.operations->submit(host.plug("a", "r-1"));
    while (host.fake.blocked() == 0)
        std::this_thread::yield();
    host.journal.unwritable = true;
    host.fake.release(host.vm);
    const auto told = plug->await(Clock::now() + 30s);
    CHECK(told.outcome == Outcome::Done);
    CHECK(host.journal.find(told.id)->outcome == Outcome::Running);
    CHECK(host.operations->find(told.id)->outcome == Outcome::Done);
    CHECK(host.run(host.plug("a", "r-1")).id == told.id);
    CHECK(reasonOf([&] { host.operations->cancel(told.id, Clock::now()); }) == Reason::NotCancellable);

    host.journal.unwritable = false;
    for (const auto until = Clock::now() + 30s; host.operations->find(told.id);)
        REQUIRE(Clock::now() < until);
    CHECK(host.journal.find(told.id)->outcome == Outcome::Done);
}

TEST_CASE("K3: a pending unplug is cancelled, and nothing is asked of the guest any more")
{
    Host host;
    host.run(host.plug("a", ""));
    host.fake.scriptUnplug(host.vm, deaf);
    const auto pending = host.run(host.unplug("a", "", 200ms));
    REQUIRE(pending.outcome == Outcome::Pending);
    CHECK(host.operations->cancel(pending.id, Clock::now() + 10s).outcome == Outcome::Cancelled);
    CHECK(host.journal.find(pending.id)->outcome == Outcome::Cancelled);
    CHECK(host.operations->open(host.vm).empty());
}

TEST_CASE("K3: a plug, what is over and what is unknown cannot be cancelled")
{
    Host host;
    const auto done = host.run(host.plug("a", ""));
    CHECK(reasonOf([&] { host.operations->cancel(done.id, Clock::now()); }) == Reason::NotCancellable);
    CHECK(reasonOf([&] { host.operations->cancel(Uuid::random(), Clock::now()); }) == Reason::OperationNotFound);
    host.fake.hang(host.vm);
    const auto plug = host.operations->submit(host.plug("b", ""));
    plug->await(Clock::now() + 100ms);
    CHECK(reasonOf([&] { host.operations->cancel(host.operations->open(host.vm).front().id, Clock::now()); })
        == Reason::NotCancellable);
    host.fake.release(host.vm);
}

TEST_CASE("K4: until what a restart left open has been seen, the VM's changes answer RECOVERING and known requests do not")
{
    Host host;
    host.run(host.plug("a", "r-1"));
    host.fake.scriptUnplug(host.vm, deaf);
    REQUIRE(host.run(host.unplug("a", "r-2", 200ms)).outcome == Outcome::Pending);
    host.operations.reset();
    host.fake.disconnect();
    host.operations = std::make_unique<Operations>(host.fake, host.journal);
    host.operations->recover();
    CHECK(reasonOf([&] { host.run(host.plug("b", "")); }) == Reason::Recovering);
    CHECK(host.run(host.plug("a", "r-1")).outcome == Outcome::Done);
    host.fake.reconnect();
    const auto deadline = Clock::now() + 10s;
    while (reasonOf([&] { host.run(host.plug("b", "")); }) == Reason::Recovering)
        REQUIRE(Clock::now() < deadline);
    CHECK(host.journal.find(host.journal.list({}).front().id)->outcome == Outcome::Done);
}

TEST_CASE("K9: an operation's timeline tells what happened to it")
{
    Host host;
    host.run(host.plug("a", ""));
    host.fake.scriptUnplug(host.vm, {.busy = 1, .asks = 1});
    const auto done = host.run(host.unplug("a", ""));
    REQUIRE(done.outcome == Outcome::Done);
    CHECK(host.kindsOf(done.id) == std::vector{EventKind::Started, EventKind::Busy, EventKind::Requested, EventKind::Done});
}

TEST_CASE("K9: a timeline has what a caller was told, also of an act that took longer than its deadline")
{
    Host host;
    host.fake.hang(host.vm);
    const auto told = host.run(host.withTimeout(host.plug("a", ""), 100ms));
    REQUIRE(told.outcome == Outcome::Pending);
    host.fake.release(host.vm);
    for (const auto until = Clock::now() + 10s; host.operations->find(told.id);)
        REQUIRE(Clock::now() < until);
    CHECK(host.kindsOf(told.id) == std::vector{EventKind::Started, EventKind::Pending, EventKind::Done});
}

TEST_CASE("K9: a guest that stays busy is one event, however often it is asked")
{
    Host host;
    host.run(host.plug("a", ""));
    host.fake.scriptUnplug(host.vm, {.busy = 3, .asks = 1});
    const auto done = host.run(host.unplug("a", ""));
    CHECK(host.kindsOf(done.id)
        == std::vector{EventKind::Started, EventKind::Busy, EventKind::Requested, EventKind::Done});
}
