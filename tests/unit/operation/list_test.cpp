#include "support/catch.h"
#include "support/sample_vm.h"
#include "turn_world.h"

#include <rapidcheck.h>

using namespace hotplug;
using namespace hotplug::test;
using namespace std::chrono_literals;

namespace {

constexpr UnplugScript deaf{.busy = 0, .asks = 0, .event = true, .repeatsRefused = true};

bool allWhole(const TurnWorld& world, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
        if (!world.whole(true, i))
            return false;
    return true;
}

bool allGone(const TurnWorld& world, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
        if (!world.nowhere(i))
            return false;
    return true;
}

} // namespace

TEST_CASE("R2: a list of disks is plugged whole, each at an address of its own")
{
    TurnWorld world(true);
    const auto change = world.plugList(3);
    world.run(*change, 1s);
    REQUIRE(change->state().outcome == Outcome::Done);
    CHECK(allWhole(world, 3));
    const auto plans = change->state().plans;
    CHECK(plans[0].address != plans[1].address);
    CHECK(plans[1].target != plans[2].target);
}

TEST_CASE("R2: when the second disk cannot be plugged, the first is taken out again")
{
    TurnWorld world(true);
    world.fake.failNext(Method::Attach, ErrorKind::SourceInUse, Effect::None, 2);
    const auto change = world.plugList(3);
    world.run(*change, 1min);
    const auto state = change->state();
    REQUIRE(state.outcome == Outcome::Failed);
    CHECK(state.reason == Reason::SourceInUse);
    CHECK(state.field == "/1");
    CHECK(allGone(world, 3));
}

TEST_CASE("R2: taking back what the guest keeps is pending, and fails when the guest lets go")
{
    TurnWorld world(true);
    world.fake.failNext(Method::Attach, ErrorKind::SourceInUse, Effect::None, 2);
    world.fake.scriptUnplug(world.vm, deaf);
    auto change = world.plugList(2, 5s);
    world.run(*change, 1min);
    REQUIRE_FALSE(change->settled());
    CHECK(world.journal.find(change->id())->outcome == Outcome::Pending);
    CHECK(world.live(0));
    SECTION("after a restart of ours") { change = world.reborn(*change); }
    SECTION("in the same run") {}
    world.fake.completeUnplug(world.vm, TurnWorld::alias(0));
    world.run(*change, 1min);
    CHECK(change->state().outcome == Outcome::Failed);
    CHECK(change->state().reason == Reason::SourceInUse);
    CHECK(world.journal.find(change->id())->reason == Reason::SourceInUse);
    CHECK(allGone(world, 2));
}

TEST_CASE("P1: another address for one disk of a list is not one that the next disk is to get")
{
    TurnWorld world(true);
    world.fake.failNext(Method::Attach, ErrorKind::AddressInUse);
    const auto change = world.plugList(3);
    world.run(*change, 1s);
    REQUIRE(change->state().outcome == Outcome::Done);
    CHECK(allWhole(world, 3));
}

TEST_CASE("P1: no other address for the last disk of a list takes the others out again")
{
    TurnWorld world(true);
    world.fake.failNext(Method::Attach, ErrorKind::AddressInUse, Effect::None, 4);
    const auto change = world.plugList(4);
    world.run(*change, 1min);
    REQUIRE(change->state().outcome == Outcome::Failed);
    CHECK(change->state().reason == Reason::NoFreePciPort);
    CHECK(allGone(world, 4));
}

TEST_CASE("R2: a list of unplugs is asked at once and done when the last device has gone")
{
    TurnWorld world(true);
    world.run(*world.plugList(3), 1s);
    world.fake.scriptUnplug(world.vm, deaf);
    const auto change = world.unplugList(3, 5s);
    world.turn(*change);
    CHECK(world.fake.count(Method::Detach) == 3);
    world.fake.completeUnplug(world.vm, TurnWorld::alias(0));
    world.fake.completeUnplug(world.vm, TurnWorld::alias(2));
    world.run(*change, 10s);
    CHECK_FALSE(change->settled());
    CHECK(world.nowhere(0));
    CHECK(world.nowhere(2));
    world.fake.completeUnplug(world.vm, TurnWorld::alias(1));
    world.run(*change, 1min);
    CHECK(change->state().outcome == Outcome::Done);
    CHECK(allGone(world, 3));
}

TEST_CASE("R2: an unplug list whose first device cannot leave asks none of the others")
{
    TurnWorld world(true);
    world.run(*world.plugList(2), 1s);
    world.fake.failNext(Method::Detach, ErrorKind::BlockJobActive);
    const auto change = world.unplugList(2);
    world.run(*change, 1min);
    CHECK(change->state().outcome == Outcome::Failed);
    CHECK(change->state().reason == Reason::BlockJobActive);
    CHECK(change->state().field == "/0");
    CHECK(allWhole(world, 2));
}

TEST_CASE("R2: once one device was asked to leave, the others are insisted on")
{
    TurnWorld world(true);
    world.run(*world.plugList(2), 1s);
    world.fake.failNext(Method::Detach, ErrorKind::BlockJobActive, Effect::None, 2);
    const auto change = world.unplugList(2);
    world.run(*change, 1min);
    CHECK(change->state().outcome == Outcome::Done);
    CHECK(allGone(world, 2));
}

TEST_CASE("R2: whatever fails and whenever we die, a list is plugged whole or leaves nothing")
{
    constexpr std::size_t count = 3;
    const bool held = rc::check("list", [] {
        TurnWorld world(true);
        world.fake.failNext(*rc::gen::element(Method::Read, Method::Attach, Method::WriteRecords),
            *rc::gen::element(ErrorKind::Other, ErrorKind::Unavailable, ErrorKind::SourceInUse, ErrorKind::AddressInUse),
            Effect::None, *rc::gen::inRange(1u, 8u));
        auto change = world.plugList(count);
        world.turn(*change);
        if (*rc::gen::inRange(0, 2) == 1 && !change->settled() && world.journal.find(change->id()))
            change = world.reborn(*change);
        if (!change->settled())
            world.run(*change, 10min);
        const auto outcome = change->state().outcome;
        RC_ASSERT(change->settled());
        RC_ASSERT((outcome == Outcome::Done ? allWhole(world, count) : allGone(world, count)));
    });
    CHECK(held);
}
