#include "support/catch.h"
#include "turn_world.h"

using namespace hotplug;
using namespace hotplug::test;
using namespace std::chrono_literals;

namespace {

/// A disk whose unplug was answered `pending`, and completed later.
struct LateWorld : TurnWorld {
    LateWorld() : TurnWorld(true)
    {
        run(*plug(), 1s);
        fake.scriptUnplug(vm, {.asks = 0});
        late = unplug(500ms);
        run(*late, 10s);
        fake.completeUnplug(vm, alias());
        fake.deliverEvents();
        run(*late, 10s);
    }

    std::shared_ptr<Change> late;
};

} // namespace

TEST_CASE("K3: an unplug repeated after the pending one has completed answers done, with its operation")
{
    LateWorld world;
    REQUIRE(world.late->state().outcome == Outcome::Done);
    const auto again = world.unplug();
    world.turn(*again);
    const auto state = again->await(world.now);
    CHECK(state.outcome == Outcome::Done);
    CHECK(state.id == world.late->id());
    REQUIRE(state.plans.size() == 1);
    CHECK(state.plans.front().alias == TurnWorld::alias());
}

TEST_CASE("K3: an unplug that was never pending, or whose device came back since, is not repeated")
{
    LateWorld world;
    world.run(*world.plug(), 1s);
    world.fake.scriptUnplug(world.vm, {});
    const auto prompt = world.unplug();
    world.run(*prompt, 10s);
    REQUIRE(prompt->state().outcome == Outcome::Done);
    const auto again = world.unplug();
    world.turn(*again);
    CHECK(again->await(world.now).outcome == Outcome::Refused);
}

TEST_CASE("K3: a repeated unplug must name the device that left")
{
    Plan left;
    left.goal = Goal::Unplug;
    left.device = DeviceId::parse("red");
    left.alias = Alias::of(*left.device);
    left.address = PciAddress{0, 5, 0, 0};
    left.record = DeviceRecord{*left.device, DeviceKind::Disk, true, true, "/images/red", "RED", {}, {}};
    left.persist = true;
    std::optional<bool> persist;
    const auto asked = [&](auto&& change) {
        DeviceQuery query;
        change(query);
        return isRepeated(query, {"/images/red", "/real/red"}, persist, left);
    };
    CHECK(asked([](DeviceQuery& query) { query.id = DeviceId::parse("red"); }));
    CHECK(asked([](DeviceQuery& query) { query.alias = Alias("ua-red"); }));
    CHECK(asked([](DeviceQuery& query) { query.source = ImagePath{"/images/red"}; query.serial = "RED"; }));
    CHECK(asked([](DeviceQuery& query) { query.address = PciAddress{0, 5, 0, 0}; }));
    CHECK_FALSE(asked([](DeviceQuery& query) { query.id = DeviceId::parse("blue"); }));
    CHECK_FALSE(asked([](DeviceQuery& query) { query.id = DeviceId::parse("red"); query.serial = "BLUE"; }));
    CHECK_FALSE(asked([](DeviceQuery& query) { query.kind = DeviceKind::Nic; query.id = DeviceId::parse("red"); }));
    CHECK_FALSE(asked([](DeviceQuery& query) { query.mac = Mac::parse("52:54:00:00:00:01"); }));

    const auto red = [](DeviceQuery& query) { query.id = DeviceId::parse("red"); };
    persist = false;                            // less was wanted than that one takes
    CHECK_FALSE(asked(red));
    left.persist = false;                       // it spares the definition
    CHECK(asked(red));
    persist.reset();
    CHECK_FALSE(asked(red));
    left.record->persist = false;               // there is nothing to spare
    CHECK(asked(red));
}
