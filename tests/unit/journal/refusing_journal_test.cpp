#include "unit/journal/journal_fixture.h"

#include <SQLiteCpp/Database.h>

using namespace hotplug;
using test::entry, test::problemOf;

namespace {

std::string whyRefused(Journal& journal)
{
    try {
        journal.requireUsable();
        return "";
    } catch (const JournalError& error) {
        return error.what();
    }
}

} // namespace

TEST_CASE("K4: a journal that can be used is opened as ever")
{
    const test::TempDirectory directory;
    const auto journal = openJournalOrRefuse(directory.path());
    CHECK(whyRefused(*journal).empty());
    journal->open(entry());
    CHECK(journal->unsettled().size() == 1);
}

TEST_CASE("K4: a journal that cannot be used says why at every call, and its file stays as it is")
{
    const test::TempDirectory directory;
    const auto file = directory / "journal.sqlite";
    test::write(file, std::string(5000, 'x'));
    const auto journal = openJournalOrRefuse(directory.path());
    const auto one = entry();
    CHECK_THAT(whyRefused(*journal), Catch::Contains(file) && Catch::Contains("restore it") && Catch::Contains("restart hotplugd"));
    CHECK_THROWS_AS(journal->open(one), JournalError);
    CHECK_THROWS_AS(journal->join(one.id, "r", "{}"), JournalError);
    CHECK_THROWS_AS(journal->rewrite(one.id, one.intent), JournalError);
    CHECK_THROWS_AS(journal->settle(one.id, Outcome::Done, std::nullopt, ""), JournalError);
    CHECK_THROWS_AS(journal->note({}), JournalError);
    CHECK_THROWS_AS(journal->find(one.id), JournalError);
    CHECK_THROWS_AS(journal->findRequest("r"), JournalError);
    CHECK_THROWS_AS(journal->findDevice(one.id, Alias("ua-a")), JournalError);
    CHECK_THROWS_AS(journal->list({}), JournalError);
    CHECK_THROWS_AS(journal->timeline(one.id), JournalError);
    CHECK_THROWS_AS(journal->lastEvent(one.id, Alias("ua-a")), JournalError);
    CHECK_THROWS_AS(journal->events(0, 1, std::nullopt), JournalError);
    CHECK_THROWS_AS(journal->cursor(), JournalError);
    CHECK_THROWS_AS(journal->awaitEvent(0, Clock::now()), JournalError);
    CHECK(journal->unsettled().empty());
    journal->wakeWaiters();
    CHECK(test::contentOf(file) == std::string(5000, 'x'));
}

TEST_CASE("K4: a directory that is missing is refused likewise")
{
    const test::TempDirectory directory;
    CHECK_THAT(whyRefused(*openJournalOrRefuse(directory / "none")), Catch::Contains("must be a directory"));
}

TEST_CASE("K4: two hotplugd on one journal stay an error, also while it cannot be used")
{
    const test::TempDirectory directory;
    SECTION("usable") {}
    SECTION("damaged") { test::write(directory / "journal.sqlite", "x"); }
    const auto first = openJournalOrRefuse(directory.path());
    CHECK_THROWS_AS(openJournalOrRefuse(directory.path()), JournalInUse);
    CHECK_THAT(problemOf(directory.path()), Catch::Contains("another hotplugd"));
}

TEST_CASE("K4: a mended journal is used again once it is opened again")
{
    const test::TempDirectory directory;
    const auto kept = entry();
    openJournal(directory.path())->open(kept);
    const auto version = SQLite::Database(directory / "journal.sqlite").execAndGet("PRAGMA user_version").getInt();
    SQLite::Database(directory / "journal.sqlite", SQLite::OPEN_READWRITE).exec("PRAGMA user_version=99");
    CHECK_THAT(whyRefused(*openJournalOrRefuse(directory.path())), Catch::Contains("version 99"));
    SQLite::Database(directory / "journal.sqlite", SQLite::OPEN_READWRITE).exec("PRAGMA user_version=" + std::to_string(version));
    CHECK(openJournalOrRefuse(directory.path())->find(kept.id));
}

TEST_CASE("K4: history is bounded by count as configured, and events alone are, too")
{
    const test::TempDirectory directory;
    const auto journal = openJournal(directory.path(), {.operations = 5, .events = 50});
    std::vector<Uuid> ids;
    for (int i = 0; i < 200; ++i) {
        const auto one = entry();
        journal->open(one);
        journal->settle(one.id, Outcome::Done, std::nullopt, "");
        ids.push_back(one.id);
    }
    CHECK(journal->list({.vm = {}, .openOnly = false, .limit = 1000}).size() <= 105);
    CHECK_FALSE(journal->find(ids.front()));
    CHECK(journal->find(ids.back()));

    JournalEvent drift;
    drift.vm = Uuid::random();
    drift.kind = EventKind::Drift;
    for (int i = 0; i < 300; ++i)
        journal->note(drift);
    const auto first = journal->cursor() - 200;
    CHECK_FALSE(journal->events(first, 1000, std::nullopt));
    CHECK(journal->events(journal->cursor() - 40, 1000, std::nullopt)->size() == 40);
}
