#include "operation/open_changes.h"

#include "planning/planning.h"
#include "support/catch.h"
#include "support/sample_vm.h"

#include <future>

using namespace hotplug;
using namespace hotplug::test;

namespace {

const Uuid vm = *Uuid::parse("1b4e28ba-2fa1-11d2-883f-0016d3cca427");

ChangePtr changeWith(const std::string& requestId)
{
    Ask ask;
    ask.verb = "hotplugDisk";
    ask.vm = vm;
    ask.requestId = requestId;
    return std::make_shared<Change>(ask, std::make_shared<ChangePermits>(1));
}

Intent someIntent()
{
    Plan plan;
    plan.vm = vm;
    plan.alias = Alias("ua-a");
    return {{plan}, std::nullopt};
}

} // namespace

TEST_CASE("R3: a request is known from its ask on, until it is refused, also before the refused one is forgotten")
{
    OpenChanges open;
    const auto first = changeWith("r-1");
    open.keep(first);
    CHECK(open.findRequest("r-1") == first);
    first->refuse(Refusal(Reason::VmNotUp, "no"));
    CHECK(open.findRequest("r-1") == nullptr);

    const auto second = changeWith("r-1");
    open.keep(second);
    open.forget(first);                         // its turn ends behind the retry's arrival
    CHECK(open.findRequest("r-1") == second);
    open.forget(second);
    CHECK(open.findRequest("r-1") == nullptr);
}

TEST_CASE("R3: a request whose turn did not come in time is not known any more; one that has begun is")
{
    OpenChanges open;
    const auto late = changeWith("r-1"), begun = changeWith("r-2");
    open.keep(late);
    open.keep(begun);
    REQUIRE(begun->begin(someIntent()));
    begun->opened();
    CHECK(late->await(Clock::now()).outcome == Outcome::Refused);
    CHECK(begun->await(Clock::now()).outcome == Outcome::Pending);
    CHECK(open.findRequest("r-1") == nullptr);
    CHECK(open.findRequest("r-2") == begun);
}

TEST_CASE("K9: what a caller was told is how the operation stands for everybody")
{
    const auto change = changeWith("");
    REQUIRE(change->begin(someIntent()));
    change->opened();
    CHECK(change->state().outcome == Outcome::Running);
    CHECK(change->await(Clock::now()).outcome == Outcome::Pending);
    CHECK(change->state().outcome == Outcome::Pending);
    change->settle(Outcome::Done, {}, {}, {});
    CHECK(change->state().outcome == Outcome::Done);
}

TEST_CASE("K4: nobody is told of an operation that the journal does not know")
{
    const auto change = changeWith("");
    REQUIRE(change->begin(someIntent()));
    auto told = std::async(std::launch::async, [&change] { return change->await(Clock::now()); });
    CHECK(told.wait_for(std::chrono::milliseconds(50)) == std::future_status::timeout);
    SECTION("it takes it")
    {
        change->opened();
        CHECK(told.get().outcome == Outcome::Pending);
    }
    SECTION("it cannot be written")
    {
        change->refuse(Refusal(Reason::JournalUnwritable, "it is full"));
        CHECK(told.get().outcome == Outcome::Refused);
    }
}
