#include "unit/journal/journal_fixture.h"

#include <thread>

using namespace hotplug;
using namespace std::chrono_literals;
using test::entry;

namespace {

std::vector<EventKind> kindsOf(const std::vector<JournalEvent>& events)
{
    std::vector<EventKind> kinds;
    for (const auto& event : events)
        kinds.push_back(event.kind);
    return kinds;
}

JournalEvent drift(const Uuid& vm)
{
    JournalEvent event;
    event.vm = vm;
    event.alias = "ua-x";
    event.kind = EventKind::Drift;
    event.sentence = "gone";
    return event;
}

} // namespace

TEST_CASE("K9: opening, settling and notes leave events in their order, which outlive the process")
{
    const test::TempDirectory directory;
    const auto one = entry();
    std::uint64_t start = 0;
    {
        const auto journal = openJournal(directory.path());
        start = journal->cursor();
        journal->open(one);
        journal->settle(one.id, Outcome::Pending, Reason::GuestNotResponding, "sleeps");
        journal->note(drift(Uuid::random()));
        journal->settle(one.id, Outcome::Done, std::nullopt, "");
        journal->settle(one.id, Outcome::Done, std::nullopt, "");
    }
    const auto journal = openJournal(directory.path());
    const auto timeline = journal->timeline(one.id);
    CHECK(kindsOf(timeline) == std::vector{EventKind::Started, EventKind::Pending, EventKind::Done});
    CHECK(timeline[1].reason == Reason::GuestNotResponding);
    CHECK(timeline[1].sentence == "sleeps");
    CHECK(timeline[0].alias == "ua-disk-1");
    CHECK(timeline[0].vm == one.intent.vm());
    const auto all = journal->events(start, 10, std::nullopt).value();
    CHECK(all.size() == 4);
    CHECK_FALSE(all[2].operation);
    CHECK(all.back().cursor == journal->cursor());
    CHECK(journal->events(0, 10, std::nullopt)->size() == 4);
}

TEST_CASE("K9: a watcher goes on from its cursor, for one VM or for all")
{
    const test::TempDirectory directory;
    const auto journal = openJournal(directory.path());
    const auto one = entry(), other = entry();
    journal->open(one);
    const auto cursor = journal->cursor();
    journal->open(other);
    journal->settle(one.id, Outcome::Done, std::nullopt, "");
    CHECK(kindsOf(journal->events(cursor, 10, std::nullopt).value()) == std::vector{EventKind::Started, EventKind::Done});
    CHECK(kindsOf(journal->events(cursor, 10, one.intent.vm()).value()) == std::vector{EventKind::Done});
    CHECK(journal->events(cursor, 1, std::nullopt)->size() == 1);
    CHECK(journal->events(journal->cursor(), 10, std::nullopt)->empty());
    CHECK_FALSE(journal->events(journal->cursor() + 1, 10, std::nullopt));
}

TEST_CASE("K9: a cursor of an older journal is not taken for one of the journal that has replaced it")
{
    const test::TempDirectory directory, another;
    const auto older = openJournal(directory.path());
    older->note(drift(Uuid::random()));
    std::this_thread::sleep_for(2ms);           // the clock that cursors begin with counts in milliseconds
    const auto newer = openJournal(another.path());
    for (int i = 0; i < 10; ++i)
        newer->note(drift(Uuid::random()));
    CHECK_FALSE(newer->events(older->cursor(), 100, std::nullopt));
    CHECK_FALSE(older->events(newer->cursor(), 100, std::nullopt));
}

TEST_CASE("K9: who waits for an event is woken by it, by the deadline and at the end")
{
    const test::TempDirectory directory;
    const auto journal = openJournal(directory.path());
    const auto start = journal->cursor();
    CHECK_FALSE(journal->awaitEvent(start, Clock::now() + 1ms));
    std::jthread writer([&] { journal->note(drift(Uuid::random())); });
    CHECK(journal->awaitEvent(start, Clock::now() + 10s));
    std::jthread stopper([&] { journal->wakeWaiters(); });
    CHECK_FALSE(journal->awaitEvent(journal->cursor(), Clock::now() + 10s));
}

TEST_CASE("K4 K9: events are bounded by count and age, those of open operations stay, and a lost cursor is told")
{
    const test::TempDirectory directory;
    const auto open = entry(), settled = entry();
    std::uint64_t start = 0;
    {
        const auto journal = openJournal(directory.path());
        start = journal->cursor();
        journal->open(open);
        journal->open(settled);
        journal->settle(settled.id, Outcome::Done, std::nullopt, "");
        for (int i = 0; i < 10; ++i)
            journal->note(drift(Uuid::random()));
    }
    const auto journal = openJournal(directory.path(), {.operations = 100, .events = 4, .age = 24h});
    CHECK(journal->timeline(open.id).size() == 1);
    CHECK(journal->timeline(settled.id).empty());
    CHECK_FALSE(journal->events(start, 100, std::nullopt));
    CHECK_FALSE(journal->events(0, 100, std::nullopt));
    CHECK(journal->events(journal->cursor() - 4, 100, std::nullopt)->size() == 4);
}

TEST_CASE("R3: a request id finds its latest operation, none finds nothing")
{
    const test::TempDirectory directory;
    const auto journal = openJournal(directory.path());
    auto first = entry(), second = entry();
    first.requestId = second.requestId = "r-1";
    first.params = R"({"drive":"a"})";
    journal->open(first);
    CHECK(journal->findRequest("r-1")->params == first.params);
    journal->open(second);
    CHECK(journal->findRequest("r-1")->id == second.id);
    CHECK_FALSE(journal->findRequest("r-2"));
    CHECK_FALSE(journal->findRequest(""));
}

TEST_CASE("R3: a request that joined an operation names it, with its own params, for as long as it is kept")
{
    const test::TempDirectory directory;
    auto one = entry();
    one.requestId = "r-1";
    {
        const auto journal = openJournal(directory.path());
        journal->open(one);
        journal->join(one.id, "r-2", R"({"deviceId":"a"})");
        journal->join(Uuid::random(), "r-3", "");
    }
    const auto journal = openJournal(directory.path(), {.operations = 1, .events = 100, .age = std::chrono::hours(1)});
    const auto joined = journal->findRequest("r-2");
    REQUIRE(joined);
    CHECK(joined->id == one.id);
    CHECK(joined->requestId == "r-2");
    CHECK(joined->params == R"({"deviceId":"a"})");
    CHECK(journal->findRequest("r-1")->requestId == "r-1");
    CHECK_FALSE(journal->findRequest("r-3"));

    journal->settle(one.id, Outcome::Done, std::nullopt, "");
    for (int i = 0; i < 100; ++i)               // makes it drop what is too much
        journal->open(entry());
    CHECK_FALSE(journal->find(one.id));
    CHECK_FALSE(journal->findRequest("r-2"));
}

TEST_CASE("W: operations are listed newest first, by VM and openness")
{
    const test::TempDirectory directory;
    const auto journal = openJournal(directory.path());
    const auto first = entry(), second = entry();
    journal->open(first);
    journal->open(second);
    journal->settle(first.id, Outcome::Done, std::nullopt, "");
    REQUIRE(journal->list({}).size() == 2);
    CHECK(journal->list({}).front().id == second.id);
    CHECK(journal->list({.vm = first.intent.vm()}).front().id == first.id);
    CHECK(journal->list({.vm = first.intent.vm(), .openOnly = true}).empty());
    CHECK(journal->list({.vm = std::nullopt, .openOnly = false, .limit = 1}).size() == 1);
    CHECK(journal->find(first.id)->settled);
}
