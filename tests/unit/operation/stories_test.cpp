#include "judgement.h"
#include "support/catch.h"

#include <rapidcheck.h>
#include <sstream>

using namespace hotplug;
using namespace hotplug::test;

namespace {

using Kind = Move::Kind;
constexpr unsigned later = 999;                 // when nothing else goes on

std::string problemsOfStory(const Story& story)
{
    Stage stage(story);
    stage.play();
    return problemsOf(stage);
}

std::string text(const Story& story)
{
    std::ostringstream out;
    out << story;
    return out.str();
}

/// Of the operation that was begun last.
Outcome lastOutcome(Stage& stage)
{
    return stage.journal.list({}).front().outcome;
}

} // namespace

TEST_CASE("K1-K10: whatever happens to VMs, clients, libvirt and us, all agree in the end or are honestly pending")
{
    const bool held = rc::check("stories", [] {
        const auto story = drawStory();
        const auto problems = problemsOfStory(story);
        if (!problems.empty())
            RC_LOG() << text(story) << problems;
        RC_ASSERT(problems.empty());
    });
    CHECK(held);
}

TEST_CASE("K6: a device that is still being plugged is neither plugged nor unplugged by another operation")
{
    // The list waits to read the VM again, with its first disk plugged and its second not.
    const auto second = GENERATE(Move{Kind::Plug, later, 0, 4, 0, false}, Move{Kind::Unplug, later, 0, 1, 0, false});
    Stage stage({{false, false, false}, {{Kind::Fail, later, 0, 1, 0, false}, {Kind::Plug, later, 0, 5, 0, false}, second}});
    stage.play();
    REQUIRE(stage.clients[1].told);
    CHECK(stage.clients[0].told->outcome == Outcome::Done);
    CHECK(stage.clients[1].told->reason == Reason::TooBusy);
    CHECK(problemsOf(stage).empty());
}

TEST_CASE("K5: what a broken attach of a list has left is cleared away, also when another of its devices has gone again")
{
    constexpr unsigned secondAttachLeavesBackend = 460;
    Stage stage({{false, false, false},
        {{Kind::Fail, 0, 0, 1, secondAttachLeavesBackend, false}, {Kind::Plug, 0, 1, 3, 0, false},
            {Kind::Plug, 5, 0, 1, 0, false}, {Kind::Unplug, 6, 0, 1, 0, false}, {Kind::Eject, 2, 1, 1, 0, false}}});
    stage.play();
    CHECK(stage.fake.orphans(Stage::uuid(1)) == 0);
    CHECK(problemsOf(stage).empty());
}

TEST_CASE("K3: a cancelled unplug does not look without end while libvirt is away")
{
    Stage stage({{true, true, true},
        {{Kind::Ignore, later, 0, 1, 0, false}, {Kind::Plug, later, 0, 1, 1, true}, {Kind::Elapse, later, 0, 1, 2, false},
            {Kind::Unplug, later, 0, 1, 1, false}, {Kind::Elapse, later, 0, 1, 2, false}, {Kind::Disconnect, later, 0, 1, 0, false},
            {Kind::Cancel, later, 0, 1, 0, false}, {Kind::Elapse, later, 0, 1, 3, false}}});
    stage.play();
    CHECK(lastOutcome(stage) == Outcome::Cancelled);
    CHECK(stage.fake.count(Method::Read) < 40);
    CHECK(problemsOf(stage).empty());
}

TEST_CASE("K3: an outcome that the journal cannot take is not tried without end when the removal is heard of at last")
{
    Stage stage({{true, true, true},
        {{Kind::Ignore, later, 0, 1, 0, false}, {Kind::Plug, later, 0, 1, 1, true}, {Kind::Elapse, later, 0, 1, 2, false},
            {Kind::Unplug, later, 0, 1, 1, false}, {Kind::Elapse, later, 0, 1, 2, false}, {Kind::JournalFull, later, 0, 1, 0, false},
            {Kind::Eject, later, 0, 1, 0, true}, {Kind::Elapse, later, 0, 1, 3, false}, {Kind::Deliver, later, 0, 1, 0, false},
            {Kind::Elapse, later, 0, 1, 2, false}}});
    stage.play();
    CHECK(lastOutcome(stage) == Outcome::Done);
    CHECK(problemsOf(stage).empty());
}

TEST_CASE("K3: the journal has `pending` as soon as it can be written again")
{
    Stage stage({{true, true, true},
        {{Kind::Ignore, later, 0, 1, 0, false}, {Kind::Plug, later, 0, 1, 1, true}, {Kind::Elapse, later, 0, 1, 2, false},
            {Kind::Unplug, later, 0, 1, 1, false}, {Kind::Elapse, later, 0, 1, 1, false},
            {Kind::JournalFull, later, 0, 1, 0, false}, {Kind::Elapse, later, 0, 1, 3, false}}});
    stage.play();
    CHECK(lastOutcome(stage) == Outcome::Pending);
    CHECK(problemsOf(stage).empty());
}
