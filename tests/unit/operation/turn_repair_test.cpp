#include "support/catch.h"
#include "support/sample_vm.h"
#include "turn_world.h"

using namespace hotplug;
using namespace hotplug::test;
using namespace std::chrono_literals;

namespace {

constexpr UnplugScript deaf{.busy = 0, .asks = 0, .event = true, .repeatsRefused = true};

} // namespace

TEST_CASE("P5: a plug whose definition was not saved is done only when it is")
{
    TurnWorld world(true);
    world.fake.failNext(Method::WriteRecords, ErrorKind::StateLocked);
    const auto change = world.plug();
    world.turn(*change);
    REQUIRE(change->state().outcome == Outcome::Running);
    world.fake.detach(world.vm, Scope::Config, TurnWorld::alias());
    world.run(*change, 10s);
    CHECK(change->state().outcome == Outcome::Done);
    CHECK(world.whole(true));
}

TEST_CASE("K5 P5: a plug that the definition does not take any more is taken back, and says what is in its way")
{
    TurnWorld world(true);
    world.fake.failNext(Method::WriteRecords, ErrorKind::StateLocked);
    const auto change = world.plug();
    world.turn(*change);
    world.fake.detach(world.vm, Scope::Config, TurnWorld::alias());         // by others, who take its place
    world.fake.failNext(Method::Attach, ErrorKind::TargetInUse);
    world.fake.scriptUnplug(world.vm, deaf);
    world.run(*change, 10s);
    CHECK_FALSE(change->settled());                                         // the guest has it, until it lets go
    world.fake.completeUnplug(world.vm, TurnWorld::alias());
    world.fake.deliverEvents();
    world.run(*change, 10s);
    CHECK(change->state().outcome == Outcome::Failed);
    CHECK(change->state().reason == Reason::TargetInUse);
    CHECK(world.nowhere());
}

TEST_CASE("P5: a definition that cannot be saved just now is saved as soon as it can be")
{
    TurnWorld world(true);
    world.fake.failNext(Method::WriteRecords, ErrorKind::StateLocked);
    const auto change = world.plug();
    world.turn(*change);
    world.fake.detach(world.vm, Scope::Config, TurnWorld::alias());
    for (unsigned nth = 1; nth <= 10; ++nth)
        world.fake.failNext(Method::Attach, ErrorKind::Other, Effect::None, nth);       // the disk is full
    world.run(*change, 10min);
    CHECK(change->state().outcome == Outcome::Done);
    CHECK(world.whole(true));
}

TEST_CASE("A9: records that became unreadable meanwhile are waited for, not written over")
{
    TurnWorld world(true);
    world.run(*world.plug(), 1s);
    world.fake.scriptUnplug(world.vm, deaf);
    const auto change = world.unplug(1s);
    world.turn(*change);
    const std::string newer = "<vm version=\"99\" counter=\"100\"/>";
    world.fake.writeRecords(world.vm, Scope::Both, newer);
    world.fake.completeUnplug(world.vm, TurnWorld::alias());
    world.fake.forgetCalls();
    world.run(*change, 1min);
    CHECK_FALSE(change->settled());
    CHECK(change->state().reason == Reason::RecordUnreadable);
    CHECK(world.fake.count(Method::WriteRecords) == 0);

    world.fake.writeRecords(world.vm, Scope::Both, "<vm version=\"1\" counter=\"101\"/>");
    world.run(*change, 2min);
    CHECK(change->state().outcome == Outcome::Done);
}

TEST_CASE("K3: once the guest has been asked, an error of a later ask does not end the watch")
{
    TurnWorld world(true);
    world.run(*world.plug(), 1s);
    world.fake.scriptUnplug(world.vm, {.busy = 0, .asks = 0, .event = true, .repeatsRefused = false});
    const auto change = world.unplug();
    world.turn(*change);
    world.fake.failNext(Method::Detach, ErrorKind::BlockJobActive);
    world.run(*change, 20s);
    REQUIRE_FALSE(change->settled());
    world.fake.completeUnplug(world.vm, TurnWorld::alias());
    world.run(*change, 10s);
    CHECK(change->state().outcome == Outcome::Done);
    CHECK(world.nowhere());
}

TEST_CASE("K3: what a cancelled unplug has asked for is not asked for by libvirt again, and QEMU is looked into")
{
    TurnWorld world(true);
    world.run(*world.plug(), 1s);
    world.fake.scriptUnplug(world.vm, deaf);
    const auto cancelled = world.unplug();
    world.turn(*cancelled);
    cancelled->cancel();
    world.run(*cancelled, 10s);
    REQUIRE(cancelled->state().outcome == Outcome::Cancelled);
    world.fake.forgetCalls();
    const auto again = world.unplug();
    world.turn(*again);
    CHECK(world.fake.count(Method::Detach) == 0);
    CHECK(world.fake.count(Method::UnplugFromQemu) == 1);
    world.fake.completeUnplug(world.vm, TurnWorld::alias());
    world.fake.deliverEvents();
    world.run(*again, 10s);
    CHECK(again->state().outcome == Outcome::Done);
    CHECK(world.fake.count(Method::AskQemu) > 0);
    CHECK(world.nowhere());
}

TEST_CASE("R3: an unplug with persist:false spares the definition, from which another unplug clears the device")
{
    TurnWorld world(true);
    world.run(*world.plug(), 1s);
    const auto liveOnly = world.unplug(30s, false);
    world.run(*liveOnly, 1s);
    REQUIRE(liveOnly->state().outcome == Outcome::Done);
    CHECK_FALSE(world.live());
    CHECK(world.inConfig());
    CHECK(world.recorded());

    const auto again = world.unplug(30s, false);
    world.run(*again, 1s);
    CHECK(again->state().reason == Reason::NotPlugged);

    const auto rest = world.unplug();
    world.run(*rest, 1s);
    CHECK(rest->state().outcome == Outcome::Done);
    CHECK(world.nowhere());

    const auto back = world.plug();
    world.run(*back, 1s);
    CHECK(back->state().outcome == Outcome::Done);
}

TEST_CASE("Invariant 3: an outcome that the journal could not take is answered, and written as soon as it can be")
{
    TurnWorld world(true);
    world.fake.failNext(Method::WriteRecords, ErrorKind::StateLocked);
    const auto change = world.plug();
    world.turn(*change);
    world.journal.unwritable = true;
    world.run(*change, 5s);
    CHECK(change->state().outcome == Outcome::Done);
    REQUIRE(world.wakeAt);
    CHECK(world.journal.find(change->id())->outcome == Outcome::Running);

    world.journal.unwritable = false;
    world.run(*change, 5s);
    CHECK_FALSE(world.wakeAt);
    CHECK(world.journal.find(change->id())->outcome == Outcome::Done);
}

TEST_CASE("Invariant 3: a row that a later operation of the device has closed is left alone")
{
    TurnWorld world(true);
    world.fake.failNext(Method::WriteRecords, ErrorKind::StateLocked);
    const auto change = world.plug();
    world.turn(*change);
    world.journal.unwritable = true;
    world.run(*change, 5s);
    world.journal.unwritable = false;
    const auto later = world.unplug();
    world.run(*later, 5s);
    REQUIRE(later->state().outcome == Outcome::Done);
    world.run(*change, 5s);
    CHECK_FALSE(world.wakeAt);
    CHECK(world.journal.unsettled().empty());
}

TEST_CASE("P1, P3: when every address is refused for double use, the plug fails, undone")
{
    TurnWorld world(true);
    for (unsigned nth = 1; nth <= 5; ++nth)
        world.fake.failNext(Method::Attach, ErrorKind::AddressInUse, Effect::None, nth);
    const auto change = world.plug();
    world.run(*change, 1min);
    CHECK(change->state().outcome == Outcome::Failed);
    CHECK(change->state().reason == Reason::NoFreePciPort);
    CHECK(world.nowhere());
}
