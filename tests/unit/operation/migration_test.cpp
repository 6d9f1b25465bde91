#include "support/catch.h"
#include "turn_world.h"

using namespace hotplug;
using namespace hotplug::test;
using namespace std::chrono_literals;

// A VM that leaves for another host takes its devices along, those that it was about to lose included.

namespace {

/// A plugged disk that the guest was asked to let go of, and has not.
std::shared_ptr<Change> pendingUnplug(TurnWorld& world)
{
    world.run(*world.plug(), 1s);
    world.fake.scriptUnplug(world.vm, {.asks = 0});
    auto change = world.unplug(1s);
    world.run(*change, 5s);
    REQUIRE(world.journal.find(change->id())->outcome == Outcome::Pending);
    return change;
}

} // namespace

TEST_CASE("K10 C13: an unplug is moved when the VM leaves with the device, and the definition here keeps it")
{
    TurnWorld world(true);
    const auto change = pendingUnplug(world);
    world.fake.migrateAway(world.vm, false);
    world.run(*change, 1min);
    CHECK(change->state().outcome == Outcome::Moved);
    CHECK(change->state().reason == Reason::Migrating);
    CHECK(world.journal.find(change->id())->outcome == Outcome::Moved);
    CHECK(world.inConfig());
    CHECK(world.recorded());
}

TEST_CASE("K10: where the VM is undefined as it leaves, the event tells, even if it comes after the fact")
{
    const bool persistent = GENERATE(true, false);
    TurnWorld world(persistent);
    const auto change = pendingUnplug(world);
    world.fake.migrateAway(world.vm, true);
    world.turn(*change);                            // libvirt knows the VM no more; the event is delivered behind it
    CHECK_FALSE(change->settled());
    world.run(*change, 1s);
    CHECK(change->state().outcome == Outcome::Moved);
}

TEST_CASE("K10: a VM that is gone without having migrated took nothing anywhere")
{
    TurnWorld world(false);
    const auto change = pendingUnplug(world);
    world.fake.destroy(world.vm);
    world.run(*change, 10s);
    CHECK(change->state().outcome == Outcome::Done);
}

TEST_CASE("K10: a device that the guest let go of before the VM left is done with, and the definition too")
{
    TurnWorld world(true);
    const auto change = pendingUnplug(world);
    world.fake.failNext(Method::Detach, ErrorKind::Migrating);
    world.fake.completeUnplug(world.vm, TurnWorld::alias());
    change->noteRemoval(TurnWorld::alias());
    world.turn(*change);                            // seen here; the definition waits for the migration
    world.fake.migrateAway(world.vm, false);
    world.run(*change, 1min);
    CHECK(change->state().outcome == Outcome::Done);
    CHECK(world.nowhere());
}

TEST_CASE("K10: a VM that came back is not taken for one that left")
{
    TurnWorld world(true);
    const auto change = pendingUnplug(world);
    world.fake.migrateAway(world.vm, false);
    world.fake.start(world.vm);
    world.turn(*change);
    CHECK_FALSE(change->settled());
    world.fake.destroy(world.vm);
    world.run(*change, 1min);
    CHECK(change->state().outcome == Outcome::Done);
    CHECK_FALSE(world.inConfig());
}

TEST_CASE("K10: a VM that is saved sleeps with its devices, and an unplug goes on when it is restored")
{
    TurnWorld world(true);
    const auto change = pendingUnplug(world);
    world.fake.save(world.vm);
    world.run(*change, 10min);
    CHECK_FALSE(change->settled());
    CHECK(world.inConfig());
    CHECK(change->state().reason == Reason::VmNotUp);
    world.fake.scriptUnplug(world.vm, {});
    world.fake.start(world.vm);
    REQUIRE(world.live());
    world.run(*change, 1min);
    CHECK(change->state().outcome == Outcome::Done);
    CHECK(world.nowhere());
}

TEST_CASE("K3 K10: an unplug can be cancelled while its VM is saved")
{
    TurnWorld world(true);
    const auto change = pendingUnplug(world);
    world.fake.save(world.vm);
    world.run(*change, 1min);
    change->cancel();
    world.run(*change, 1min);
    CHECK(change->state().outcome == Outcome::Cancelled);
    CHECK(world.inConfig());
}

TEST_CASE("K10: an undefined VM that is saved may be restored anywhere")
{
    TurnWorld world(false);
    const auto change = pendingUnplug(world);
    world.fake.save(world.vm);
    world.run(*change, 10s);
    CHECK(change->state().outcome == Outcome::Moved);
}

TEST_CASE("K10: a plug that the migration came before has failed, and nothing of it is left")
{
    const bool undefine = GENERATE(true, false);
    TurnWorld world(true);
    world.fake.failNext(Method::Attach, ErrorKind::NotRunning);
    world.fake.failNext(Method::Read, ErrorKind::Other, Effect::None, 2);       // not seen between the two
    const auto change = world.plug();
    world.turn(*change);
    world.fake.migrateAway(world.vm, undefine);
    world.run(*change, 1min);
    CHECK(change->state().outcome == Outcome::Failed);
    CHECK(change->state().reason == Reason::Migrating);
    CHECK((undefine || world.nowhere()));
}

TEST_CASE("K10: a device that was plugged and not recorded yet moves with the VM")
{
    const bool undefine = GENERATE(true, false);
    TurnWorld world(true);
    world.fake.failNext(Method::WriteRecords, ErrorKind::Migrating);
    const auto change = world.plug();
    world.turn(*change);
    REQUIRE(world.live());
    world.fake.migrateAway(world.vm, undefine);
    world.run(*change, 1min);
    CHECK(change->state().outcome == Outcome::Moved);
}

TEST_CASE("K10 K4: of a plug that nobody saw end nobody says that the VM left without it")
{
    TurnWorld world(true);
    world.fake.failNext(Method::Attach, ErrorKind::Unavailable, Effect::Late);
    world.fake.failNext(Method::WriteRecords, ErrorKind::Migrating);
    const auto change = world.plug();
    world.turn(*change);
    const auto again = world.reborn(*change);
    world.fake.migrateAway(world.vm, false);
    world.run(*again, 1min);
    CHECK(again->state().outcome == Outcome::Moved);
}
