#include "operation/change_permits.h"

#include "support/catch.h"

#include <future>
#include <vector>

using namespace hotplug;
using namespace std::chrono_literals;

namespace {

struct Permits {
    ChangePermits::Permit take(const Uuid& vm, Clock::time_point until = Clock::now())
    {
        return all.take({"hotplugDisk", vm, operation}, until);
    }

    ChangePermits all{2};
    const Uuid operation = Uuid::random(), one = Uuid::random(), two = Uuid::random(), three = Uuid::random();
};

} // namespace

TEST_CASE("K6: as many permits as there are, and one that is given back is another's")
{
    Permits permits;
    auto first = permits.take(permits.one);
    const auto second = permits.take(permits.two);
    CHECK(first);
    CHECK(second);
    CHECK_FALSE(permits.take(permits.three));
    auto waiting = std::async(std::launch::async, [&] { return permits.take(permits.three, Clock::now() + 9s) != nullptr; });
    first.reset();
    CHECK(waiting.get());
}

TEST_CASE("K6: whoever waits behind a change of his VM is told which one that is")
{
    Permits permits;
    const auto permit = permits.take(permits.one);
    const auto why = permits.all.whyBusy(permits.one);
    CHECK(why.reason() == Reason::TooBusy);
    CHECK(why.conflictsWith() == permits.operation.str());
    CHECK(std::string(why.what()).find("hotplugDisk has this VM's turn") == 0);
    CHECK(permits.all.whyBusy(permits.two).conflictsWith().empty());
}

TEST_CASE("K6: whoever finds all permits taken is told by which VMs")
{
    Permits permits;
    const auto first = permits.take(permits.one), second = permits.take(permits.two);
    const auto why = permits.all.whyBusy(permits.three);
    CHECK(why.conflictsWith() == permits.operation.str());
    CHECK_THAT(why.what(), Catch::Contains(permits.one.str() + ", " + permits.two.str()));
    CHECK_THAT(permits.all.whyBusy(std::nullopt).what(), Catch::Contains("2 changes are inside libvirt"));
}

TEST_CASE("K6: nobody waits for a permit when all that have one hang")
{
    ChangePermits permits(1, 0s);
    const auto permit = permits.take({"hotplugDisk", Uuid::random(), Uuid::random()}, Clock::now());
    CHECK_FALSE(permits.take({"hotplugDisk", Uuid::random(), Uuid::random()}, Clock::now() + 1h));
}

TEST_CASE("K6: a permit may outlive the permits")
{
    ChangePermits::Permit permit;
    {
        ChangePermits permits(1);
        permit = permits.take({"startVm", std::nullopt, std::nullopt}, Clock::now());
        CHECK(permits.whyBusy(std::nullopt).conflictsWith().empty());
    }
    CHECK(permit);
}

TEST_CASE("K6: whoever waits for a permit when we stop gets none, at once")
{
    ChangePermits permits(1);
    const auto held = permits.take({"hotplugDisk", std::nullopt, std::nullopt}, Clock::now());
    REQUIRE(held);
    auto waiting = std::async(std::launch::async,
        [&permits] { return permits.take({"hotplugNic", std::nullopt, std::nullopt}, Clock::now() + std::chrono::hours(1)); });
    permits.stop();
    CHECK_FALSE(waiting.get());
    CHECK_FALSE(permits.take({"hotplugNic", std::nullopt, std::nullopt}, Clock::now()));
}
