#include "operation/lanes.h"

#include "support/catch.h"

#include <future>
#include <memory>

using namespace hotplug;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t many = 64;

struct World {
    ~World() { lanes.stop(30s); }

    std::future<void> queueTurn()
    {
        const auto ran = std::make_shared<std::promise<void>>();
        REQUIRE(lanes.enqueue(vm, [ran] { ran->set_value(); }, many));
        return ran->get_future();
    }
    Lanes::Hold hold(milliseconds patience) { return lanes.hold(vm, Clock::now() + patience, many); }

    const std::unique_ptr<Machinery> machinery = realMachinery();
    Lanes lanes{*machinery};
    const Uuid vm = Uuid::random();
};

bool hasCome(const std::future<void>& turn)
{
    return turn.wait_for(0s) == std::future_status::ready;
}

} // namespace

TEST_CASE("K6: who holds a VM's turn has it alone until it is given back, and other VMs do not wait")
{
    World world;
    auto hold = world.hold(30s);
    REQUIRE(hold);
    const auto behind = world.queueTurn();
    CHECK(world.lanes.hold(Uuid::random(), Clock::now() + 30s, many));
    CHECK_FALSE(hasCome(behind));
    hold.reset();
    CHECK(behind.wait_for(30s) == std::future_status::ready);
}

TEST_CASE("K6: a VM's turn that does not come in time goes by, and holds up nobody later")
{
    World world;
    auto hold = world.hold(30s);
    CHECK_FALSE(world.hold(10ms));
    const auto behind = world.queueTurn();
    hold.reset();
    CHECK(behind.wait_for(30s) == std::future_status::ready);
}

TEST_CASE("K6: nobody waits for a turn in a queue that is full")
{
    World world;
    const auto hold = world.hold(30s);
    const auto behind = world.queueTurn();
    CHECK_FALSE(world.lanes.hold(world.vm, Clock::now() + 600s, 1));
}

TEST_CASE("K6: who waits for a turn, or asks for one, while the lanes stop is told at once that it will not come")
{
    World world;
    auto hold = world.hold(30s);
    auto waiting = std::async(std::launch::async, [&] { return world.hold(600s) != nullptr; });
    CHECK_FALSE(world.lanes.stop(10ms));
    CHECK_FALSE(waiting.get());
    hold.reset();
    CHECK(world.lanes.stop(30s));
}
