#include "support/catch.h"
#include "turn_world.h"

#include <rapidcheck.h>

using namespace hotplug;
using namespace hotplug::test;
using namespace std::chrono_literals;

namespace {

/// What the world does to one operation, drawn at random.
struct Story {
    bool persistentVm, persist, restart, vmStops, migrates, undefined, sleeps, eventLost, deaf, libvirtRestarts;
    unsigned busy, asks, restartAfter;
    std::vector<std::tuple<Method, ErrorKind, Effect, unsigned>> failures;
};

Story drawStory()
{
    const auto flag = [](int percent) { return *rc::gen::inRange(0, 100) >= 100 - percent; };   // shrinks to false
    Story story{};
    story.persistentVm = flag(70);
    story.persist = flag(70);
    story.restart = flag(40);
    story.vmStops = flag(15);
    story.migrates = flag(15);
    story.undefined = flag(50);
    story.sleeps = flag(10);
    story.eventLost = flag(30);
    story.deaf = flag(20);
    story.libvirtRestarts = flag(20);
    story.busy = *rc::gen::inRange(0u, 4u);
    story.asks = *rc::gen::inRange(1u, 4u);
    story.restartAfter = *rc::gen::inRange(1u, 4u);
    const auto count = *rc::gen::inRange(0, 4);
    for (int i = 0; i < count; ++i)
        story.failures.emplace_back(
            *rc::gen::element(Method::Read, Method::Attach, Method::Detach, Method::WriteRecords),
            *rc::gen::element(ErrorKind::Other, ErrorKind::StateLocked, ErrorKind::Unavailable, ErrorKind::SourceInUse),
            Effect::None, *rc::gen::inRange(1u, 5u));
    return story;
}

/// An attach that breaks with the connection may land at any later time; other calls fail before they act.
Effect effectOf(Method method, ErrorKind kind)
{
    if (kind != ErrorKind::Unavailable)
        return Effect::None;
    if (method != Method::Attach)
        return *rc::gen::element(Effect::None, Effect::Done);
    return *rc::gen::element(Effect::None, Effect::Done, Effect::Late, Effect::Orphan, Effect::OrphanBackend);
}

void arrange(TurnWorld& world, const Story& story)
{
    for (const auto& [method, kind, effect, nth] : story.failures)
        world.fake.failNext(method, kind, effectOf(method, kind), nth);
    world.fake.scriptUnplug(world.vm,
        {.busy = story.busy, .asks = story.deaf ? 0 : story.asks, .event = !story.eventLost, .repeatsRefused = story.deaf});
}

bool leaves(const Story& story)
{
    return story.migrates || (!story.vmStops && story.sleeps && !story.persistentVm);
}

bool wakesUp(const Story& story)
{
    return story.sleeps && story.persistentVm && !story.migrates && !story.vmStops;
}

/// Lives through the story; returns the change that stands at its end.
std::shared_ptr<Change> live(TurnWorld& world, std::shared_ptr<Change> change, const Story& story)
{
    world.turn(*change);
    for (unsigned turns = 1; story.restart && world.wakeAt && turns < story.restartAfter; ++turns) {
        world.now = *world.wakeAt;
        world.turn(*change);
    }
    if (story.libvirtRestarts) {
        world.fake.disconnect();
        if (world.wakeAt)
            world.run(*change, 3s);
        world.fake.reconnect();
    }
    if (story.restart && !change->settled())
        change = world.reborn(*change);
    if (story.migrates)
        world.fake.migrateAway(world.vm, story.undefined);
    else if (story.vmStops)
        world.fake.destroy(world.vm);
    else if (story.sleeps)
        world.fake.save(world.vm);
    if (!change->settled())
        world.run(*change, 10min);
    if (wakesUp(story)) {
        world.fake.start(world.vm);
        if (!change->settled())
            world.run(*change, 10min);
    }
    return change;
}

bool gone(const TurnWorld& world)
{
    try {
        return world.nowhere();
    } catch (const HypervisorError& error) {
        return error.kind() == ErrorKind::NoDomain;
    }
}

void mustAgree(const TurnWorld& world, const Change& change, const Story& story, Goal goal)
{
    const auto outcome = change.state().outcome;
    RC_ASSERT((outcome != Outcome::Running || !change.settled()));
    if (outcome == Outcome::Refused)
        return;
    if (outcome == Outcome::Moved) {
        RC_ASSERT((leaves(story) && change.settled()));
        return;
    }
    const bool both = story.persistentVm && story.persist;
    if (goal == Goal::Plug) {
        RC_ASSERT((change.settled() || (story.deaf && world.fake.orphans(world.vm) == 1)));
        if (!change.settled())
            return;
        RC_ASSERT(world.fake.orphans(world.vm) == 0);
        RC_ASSERT((outcome == Outcome::Done || outcome == Outcome::Failed));
        if (outcome == Outcome::Failed)
            RC_ASSERT(gone(world));
        else if (!story.vmStops && !leaves(story))
            RC_ASSERT(world.whole(both));
    } else if (!change.settled()) {
        RC_ASSERT((story.deaf && world.live()));
    } else {
        const bool elsewhere = story.vmStops || leaves(story);
        RC_ASSERT((outcome == Outcome::Done ? gone(world) : elsewhere || world.live()));
    }
}

} // namespace

TEST_CASE("K1-K5: whatever fails and whenever we die, a plug ends whole or leaves nothing")
{
    const bool held = rc::check("plug", [] {
        const auto story = drawStory();
        TurnWorld world(story.persistentVm);
        arrange(world, story);
        const auto change = live(world, world.plug(story.persist), story);
        mustAgree(world, *change, story, Goal::Plug);
    });
    CHECK(held);
}

TEST_CASE("K1-K5: whatever fails and whenever we die, an unplug ends gone, or stays open while the guest is deaf")
{
    const bool held = rc::check("unplug", [] {
        const auto story = drawStory();
        TurnWorld world(story.persistentVm);
        world.run(*world.plug(story.persist), 1s);
        arrange(world, story);
        const auto change = live(world, world.unplug(), story);
        mustAgree(world, *change, story, Goal::Unplug);
    });
    CHECK(held);
}
