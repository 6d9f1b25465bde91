#include "support/catch.h"
#include "turn_world.h"

using namespace hotplug;
using namespace hotplug::test;
using namespace std::chrono_literals;

TEST_CASE("A1: a plug ends done with device, definition and record in place, and one attach")
{
    TurnWorld world(true);
    const auto change = world.plug();
    world.run(*change, 1s);
    CHECK(change->state().outcome == Outcome::Done);
    CHECK(world.whole(true));
    CHECK(world.fake.count(Method::Attach) == 1);
    CHECK(world.journal.find(change->id())->outcome == Outcome::Done);
}

TEST_CASE("R3: persist:false keeps the device out of the definition")
{
    TurnWorld world(true);
    const auto change = world.plug(false);
    world.run(*change, 1s);
    CHECK(change->state().outcome == Outcome::Done);
    CHECK(world.whole(false));
}

TEST_CASE("K1: an unplug is done only after the guest let go, and leaves nothing")
{
    TurnWorld world(true);
    world.run(*world.plug(), 1s);
    world.fake.scriptUnplug(world.vm, {.busy = 0, .asks = 0, .event = true, .repeatsRefused = true});
    const auto change = world.unplug();
    world.turn(*change);
    CHECK(change->state().outcome == Outcome::Running);
    CHECK(world.whole(true));
    world.fake.completeUnplug(world.vm, TurnWorld::alias());
    world.fake.deliverEvents();
    world.turn(*change);
    CHECK(change->state().outcome == Outcome::Done);
    CHECK(world.nowhere());
}

TEST_CASE("K3: a deaf guest leaves the unplug pending for ever, at no more than 35 reads in 30 s")
{
    TurnWorld world(true);
    world.run(*world.plug(), 1s);
    world.fake.scriptUnplug(world.vm, {.busy = 0, .asks = 0, .event = true, .repeatsRefused = true});
    world.fake.forgetCalls();
    const auto change = world.unplug(30s);
    world.run(*change, 30s);
    CHECK(world.fake.count(Method::Read) <= 35);
    CHECK(world.fake.count(Method::Detach) == 1);               // a second one by libvirt would do harm
    CHECK(world.fake.count(Method::UnplugFromQemu) >= 5);
    CHECK(world.journal.find(change->id())->outcome == Outcome::Pending);
    CHECK(change->state().reason == Reason::GuestNotResponding);

    world.fake.forgetCalls();
    world.run(*change, 1h);
    CHECK_FALSE(change->settled());
    CHECK(world.fake.count(Method::Read) <= 732);               // every 5 s, by when it is asked again
    CHECK(world.fake.count(Method::UnplugFromQemu) >= 700);
    CHECK(world.fake.count(Method::UnplugFromQemu) <= 721);

    world.fake.completeUnplug(world.vm, TurnWorld::alias(), false);
    world.run(*change, 1min);
    CHECK(change->state().outcome == Outcome::Done);
    CHECK(world.nowhere());
}

TEST_CASE("K2: a guest that asks for patience is asked again soon")
{
    TurnWorld world(true);
    world.run(*world.plug(), 1s);
    world.fake.scriptUnplug(world.vm, {.busy = 3, .asks = 1, .event = true, .repeatsRefused = false});
    const auto began = world.now;
    const auto change = world.unplug();
    world.run(*change, 30s);
    CHECK(change->state().outcome == Outcome::Done);
    CHECK(world.now - began < 5s);
}

TEST_CASE("K5: a failed plug leaves no device, no definition entry and no record")
{
    const auto effect = GENERATE(Effect::None, Effect::Done, Effect::Late);
    const auto kind = GENERATE(ErrorKind::Other, ErrorKind::SourceInUse, ErrorKind::Unavailable, ErrorKind::Invalid);
    TurnWorld world(true);
    world.fake.failNext(Method::Attach, kind, effect);
    const auto change = world.plug();
    world.run(*change, 1min);
    REQUIRE(change->settled());
    if (kind != ErrorKind::Unavailable && effect == Effect::Late)
        return;                                 // only a broken connection leaves a call under way in libvirt
    CHECK((change->state().outcome == Outcome::Done ? world.whole(true) : world.nowhere()));
    CHECK((change->state().outcome == Outcome::Done) == (effect != Effect::None));
}

TEST_CASE("P1: when libvirt knows of another use of the address, the next one is taken")
{
    TurnWorld world(true);
    world.fake.failNext(Method::Attach, ErrorKind::AddressInUse);
    const auto change = world.plug();
    world.run(*change, 1s);
    REQUIRE(change->state().outcome == Outcome::Done);
    CHECK(std::get<PciAddress>(*change->intent()->plans.front().address).bus == 2);
    CHECK(world.whole(true));
    CHECK(world.journal.find(change->id())->intent == *change->intent());
}

TEST_CASE("K10: the VM stops with an unplug open; the definition lets go of the device")
{
    TurnWorld world(true);
    world.run(*world.plug(), 1s);
    world.fake.scriptUnplug(world.vm, {.busy = 0, .asks = 0, .event = true, .repeatsRefused = true});
    const auto change = world.unplug(1s);
    world.run(*change, 2s);
    world.fake.destroy(world.vm);
    world.run(*change, 1min);
    CHECK(change->state().outcome == Outcome::Done);
    CHECK(world.nowhere());
}

TEST_CASE("K1: a device that the XML lacks before libvirt has finished waits for the record write")
{
    TurnWorld world(true);
    world.run(*world.plug(), 1s);
    world.fake.scriptUnplug(world.vm, {.busy = 0, .asks = 1, .event = false, .repeatsRefused = false});
    world.fake.forgetCalls();
    const auto change = world.unplug();
    world.run(*change, 5s);
    CHECK(change->state().outcome == Outcome::Done);
    CHECK(world.fake.count(Method::WriteRecords) == 1);
}

TEST_CASE("Invariant 3: a journal that cannot be written refuses the change before libvirt hears of it")
{
    TurnWorld world(true);
    world.journal.unwritable = true;
    const auto change = world.plug();
    world.run(*change, 1s);
    CHECK(change->state().outcome == Outcome::Refused);
    CHECK(change->state().reason == Reason::JournalUnwritable);
    CHECK(world.fake.count(Method::Attach) == 0);
}

TEST_CASE("R3: a deadline that passed in the queue refuses, and its turn touches nothing")
{
    TurnWorld world(true);
    const auto change = world.plug();
    const auto answer = change->await(Clock::now());
    CHECK(answer.outcome == Outcome::Refused);
    CHECK(answer.reason == Reason::TooBusy);
    world.run(*change, 1s);
    CHECK(world.fake.count(Method::Attach) == 0);
    CHECK(world.journal.size() == 0);
    CHECK(world.nowhere());
}

TEST_CASE("K8: a device that the guest ejected by itself can be unplugged, which clears the definition")
{
    TurnWorld world(true);
    world.run(*world.plug(), 1s);
    world.fake.completeUnplug(world.vm, TurnWorld::alias());
    REQUIRE_FALSE(world.live());
    REQUIRE(world.inConfig());
    const auto change = world.unplug();
    world.run(*change, 1s);
    CHECK(change->state().outcome == Outcome::Done);
    CHECK(world.nowhere());
}

TEST_CASE("K10: while a migration, save or dump runs nothing is asked or written; afterwards it is gone on with")
{
    TurnWorld world(true);
    SECTION("a new change is refused")
    {
        world.fake.setJob(world.vm, true);
        const auto change = world.plug();
        world.turn(*change);
        CHECK(change->state().reason == Reason::Migrating);
        CHECK(change->state().outcome == Outcome::Refused);
    }
    SECTION("one that is under way waits")
    {
        world.run(*world.plug(), 1s);
        world.fake.scriptUnplug(world.vm, {.busy = 0, .asks = 2});
        const auto change = world.unplug();
        world.turn(*change);
        world.fake.setJob(world.vm, true);
        world.fake.forgetCalls();
        world.run(*change, 1min);
        CHECK(world.fake.count(Method::UnplugFromQemu) == 0);
        CHECK(change->state().reason == Reason::Migrating);
        world.fake.setJob(world.vm, false);
        world.run(*change, 5min);
        CHECK(change->state().outcome == Outcome::Done);
    }
}

TEST_CASE("K4 K2: an unplug that a restart left open is asked for again by QEMU, as the guest may be answering libvirt")
{
    TurnWorld world(true);
    world.run(*world.plug(), 5s);
    world.fake.scriptUnplug(world.vm, {.asks = 2});
    auto change = world.unplug();
    world.turn(*change);
    REQUIRE(world.fake.count(Method::Detach) == 1);

    change = world.reborn(*change);
    world.now = change->ask().deadline;
    world.run(*change, 2s);
    REQUIRE(change->settled());
    CHECK(change->state().outcome == Outcome::Done);
    CHECK(world.fake.count(Method::UnplugFromQemu) == 1);
    CHECK(world.fake.count(Method::Detach) == 2);               // the second is the definition's
    CHECK(world.fake.count(Method::AskQemu) == 1);              // libvirt may have left something
    CHECK(world.nowhere());
}
