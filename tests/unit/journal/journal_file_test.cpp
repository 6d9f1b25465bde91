#include "unit/base/captured_log.h"
#include "unit/journal/journal_fixture.h"

#include <SQLiteCpp/Database.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <unistd.h>

using namespace hotplug;
using test::entry, test::problemOf;
namespace fs = std::filesystem;

namespace {

std::string journalIn(const test::TempDirectory& directory)
{
    return directory / "journal.sqlite";
}

void makeJournal(const test::TempDirectory& directory)
{
    const auto journal = openJournal(directory.path());
    journal->open(entry());
}

void alter(const std::string& file, const std::string& sql)
{
    SQLite::Database(file, SQLite::OPEN_READWRITE).exec(sql);
}

/// A tmpfs of that size over the directory; not mounted where that is forbidden.
class SmallDisk {
public:
    SmallDisk(std::string directory, const std::string& size) : directory_(std::move(directory))
    {
        mounted_ = ::mount("small", directory_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
    }
    ~SmallDisk()
    {
        if (mounted_)
            ::umount2(directory_.c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    bool mounted() const { return mounted_; }
    bool makeReadOnly() const
    {
        return ::mount("small", directory_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0;
    }

private:
    std::string directory_;
    bool mounted_;
};

} // namespace

TEST_CASE("K4: a journal of a newer version is refused with both versions and stays as it is")
{
    const test::TempDirectory directory;
    makeJournal(directory);
    alter(journalIn(directory), "PRAGMA user_version=7; CREATE TABLE timeline(x)");
    const auto before = test::contentOf(journalIn(directory));
    CHECK_THAT(problemOf(directory.path()), Catch::Contains("version 7") && Catch::Contains("up to 3"));
    CHECK(test::contentOf(journalIn(directory)) == before);
}

TEST_CASE("K4: a newer version that was killed with changes still in its WAL loses none of them")
{
    const test::TempDirectory original, copy;
    makeJournal(original);
    alter(journalIn(original), "PRAGMA user_version=7");
    SQLite::Database writer(journalIn(original), SQLite::OPEN_READWRITE);
    writer.exec("UPDATE operation SET verb = 'later'");
    for (const auto* file : {"journal.sqlite", "journal.sqlite-wal"})   // as a kill leaves them
        fs::copy_file(original / file, copy / file);
    const auto before = test::contentOf(copy / "journal.sqlite"), wal = test::contentOf(copy / "journal.sqlite-wal");
    REQUIRE(!wal.empty());
    CHECK_THAT(problemOf(copy.path()), Catch::Contains("version 7"));
    CHECK(test::contentOf(copy / "journal.sqlite") == before);
    CHECK(test::contentOf(copy / "journal.sqlite-wal") == wal);
}

TEST_CASE("K4: files that are not hotplugd's are refused and stay as they are")
{
    const test::TempDirectory directory;
    const auto file = journalIn(directory);
    SECTION("somebody else's database") { makeJournal(directory); alter(file, "PRAGMA application_id=1"); }
    SECTION("a text") { test::write(file, std::string(5000, 'x')); }
    SECTION("nothing at all") { test::write(file, ""); }
    SECTION("a version that never existed") { makeJournal(directory); alter(file, "PRAGMA user_version=0"); }
    const auto before = test::contentOf(file);
    CHECK_THAT(problemOf(directory.path()), Catch::Contains(file));
    CHECK(test::contentOf(file) == before);
}

TEST_CASE("K4: a damaged journal is refused and stays as it is")
{
    const test::TempDirectory directory;
    {
        const auto journal = openJournal(directory.path());
        for (int i = 0; i < 50; ++i)
            journal->open(entry());
    }
    const auto file = journalIn(directory);
    auto bytes = test::contentOf(file);
    SECTION("a page overwritten") { bytes.replace(4096, 4096, std::string(4096, '\x55')); }
    SECTION("cut off") { bytes.resize(bytes.size() / 2); }
    SECTION("the header overwritten") { bytes.replace(0, 100, std::string(100, '\0')); }
    test::write(file, bytes);
    CHECK_THAT(problemOf(directory.path()), Catch::Contains("backup") || Catch::Contains("not made by hotplugd"));
    CHECK(test::contentOf(file) == bytes);
}

TEST_CASE("K4: a directory that is missing, a file or not writable is refused with its name")
{
    const test::TempDirectory directory;
    const auto none = directory / "none";
    CHECK_THAT(problemOf(none), Catch::Contains(none) && Catch::Contains("must be a directory"));
    test::write(directory / "file", "x");
    CHECK_THAT(problemOf(directory / "file"), Catch::Contains("must be a directory"));
    CHECK(test::contentOf(directory / "file") == "x");
}

TEST_CASE("K4: a journal on a read-only file system is refused")
{
    const test::TempDirectory directory;
    const SmallDisk disk(directory.path(), "1m");
    if (!disk.mounted()) {
        WARN("mounting is not allowed here: not tested");
        return;
    }
    makeJournal(directory);
    REQUIRE(disk.makeReadOnly());
    CHECK_THAT(problemOf(directory.path()), Catch::Contains("Read-only"));
}

TEST_CASE("K4: a full disk refuses operations, keeps what it has, and works on once there is room")
{
    const test::TempDirectory directory;
    const SmallDisk disk(directory.path(), "512k");
    if (!disk.mounted()) {
        WARN("mounting is not allowed here: not tested");
        return;
    }
    const auto journal = openJournal(directory.path());
    const auto kept = entry();
    journal->open(kept);
    test::write(directory / "filler", std::string(1 << 20, 'x'));
    const auto refused = entry();
    CHECK_THROWS_WITH([&] {
        for (int i = 0; i < 1000; ++i)
            journal->open(entry());
    }(), Catch::Contains("full"));
    CHECK_THROWS_AS(journal->open(refused), JournalError);
    CHECK(!journal->find(refused.id));
    test::checkSame(journal->find(kept.id).value(), kept);
    fs::remove(directory / "filler");
    journal->open(refused);
    journal->settle(kept.id, Outcome::Done, std::nullopt, "");
    CHECK(journal->find(refused.id));
}

TEST_CASE("K4: no journal is left half-made by a full disk or a crash")
{
    const test::TempDirectory directory;
    test::write(directory / "journal.sqlite.new", "half");
    {
        const SmallDisk disk(directory.path(), "8k");
        if (disk.mounted()) {
            CHECK(!problemOf(directory.path()).empty());
            CHECK(!fs::exists(journalIn(directory)));
        }
    }
    CHECK(problemOf(directory.path()).empty());
    CHECK(!fs::exists(directory / "journal.sqlite.new"));
}

TEST_CASE("K4: old settled operations are dropped, open ones never")
{
    const test::TempDirectory directory;
    const auto settled = entry(), open = entry(), recent = entry();
    {
        const auto journal = openJournal(directory.path());
        for (const auto& one : {settled, open, recent})
            journal->open(one);
        journal->settle(settled.id, Outcome::Done, std::nullopt, "");
        journal->settle(recent.id, Outcome::Done, std::nullopt, "");
    }
    SECTION("after 30 days") {
        alter(journalIn(directory), fmt::format(
            "UPDATE operation SET settled_ms = settled_ms - 31 * 86400000 WHERE id = '{}'", settled.id.str()));
    }
    SECTION("beyond 10,000") {
        alter(journalIn(directory), fmt::format(
            "UPDATE operation SET sequence = 10003 WHERE id = '{}'", recent.id.str()));
    }
    const auto journal = openJournal(directory.path());
    CHECK(!journal->find(settled.id));
    CHECK(journal->find(open.id));
    CHECK(journal->find(recent.id));
}

TEST_CASE("K4: the journal stays bounded while it is open, too")
{
    const test::TempDirectory directory;
    const auto old = entry();
    {
        const auto journal = openJournal(directory.path());
        journal->open(old);
        journal->settle(old.id, Outcome::Done, std::nullopt, "");
    }
    const auto journal = openJournal(directory.path());
    alter(journalIn(directory), "UPDATE operation SET settled_ms = 0");
    for (int i = 0; i < 100; ++i)
        journal->open(entry());
    CHECK(!journal->find(old.id));
    CHECK(journal->unsettled().size() == 100);
}

TEST_CASE("K4: a reason that this version does not know is forgotten rather than fatal")
{
    const test::TempDirectory directory;
    makeJournal(directory);
    alter(journalIn(directory), "UPDATE operation SET reason = 'FROM_THE_FUTURE', outcome = 'pending'");
    const auto unsettled = openJournal(directory.path())->unsettled();
    REQUIRE(unsettled.size() == 1);
    CHECK(!unsettled.front().reason);
}

TEST_CASE("K4: an open operation that cannot be read is named in the log and left as it is; the others are returned")
{
    const test::TempDirectory directory;
    const auto unreadable = entry(), other = entry();
    {
        const auto journal = openJournal(directory.path());
        journal->open(unreadable);
        journal->open(other);
    }
    const auto id = unreadable.id.str();
    SECTION("its plan") { alter(journalIn(directory), "UPDATE operation SET intent = '{}' WHERE id = '" + id + "'"); }
    SECTION("its outcome") { alter(journalIn(directory), "UPDATE operation SET outcome = 'new' WHERE id = '" + id + "'"); }
    const auto journal = openJournal(directory.path());
    const test::CapturedLog log;
    const auto unsettled = journal->unsettled();
    REQUIRE(unsettled.size() == 1);
    test::checkSame(unsettled.front(), other);
    CHECK_THAT(log.text(), Catch::Contains(id) && !Catch::Contains("INTERNAL"));
    CHECK_THROWS_AS(journal->find(unreadable.id), JournalError);
}

TEST_CASE("K4: a journal that an older hotplugd wrote is taken over, its open operation included")
{
    const test::TempDirectory directory;
    SQLite::Database old(journalIn(directory), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    old.exec(R"(
        CREATE TABLE operation (sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, verb TEXT NOT NULL,
            vm TEXT NOT NULL, goal TEXT NOT NULL, device TEXT, alias TEXT NOT NULL, plan TEXT NOT NULL,
            uid INTEGER NOT NULL, pid INTEGER NOT NULL, opened_ms INTEGER NOT NULL, outcome TEXT NOT NULL,
            reason TEXT, sentence TEXT NOT NULL, settled_ms INTEGER) STRICT;
        CREATE INDEX operation_by_settled ON operation (settled_ms);
        INSERT INTO operation VALUES (7, 'aaaaaaaa-0000-4000-8000-000000000001', 'hotunplugDisk',
            'aaaaaaaa-0000-4000-8000-000000000002', 'unplug', 'd', 'ua-d',
            '{"vm":"aaaaaaaa-0000-4000-8000-000000000002","goal":"unplug","kind":"disk","device":"d","alias":"ua-d",'
            || '"deviceXml":"","address":null,"source":"","target":"vdb","persist":true,"record":null,"configTwin":""}',
            0, 1, 1700000000000, 'pending', 'GUEST_NOT_RESPONDING', 'why', NULL);
        PRAGMA application_id=1752198247; PRAGMA user_version=1;)");
    auto journal = openJournal(directory.path());
    REQUIRE(journal->unsettled().size() == 1);
    const auto entry = journal->unsettled().front();
    CHECK(entry.intent.goal() == Goal::Unplug);
    CHECK(entry.intent.plans.front().alias == Alias("ua-d"));
    CHECK(entry.intent.plans.front().target == "vdb");
    CHECK(!entry.intent.givenUp);
    journal->settle(entry.id, Outcome::Done, std::nullopt, "");
    journal.reset();
    CHECK(openJournal(directory.path())->unsettled().empty());
}

TEST_CASE("K4: a journal that is deleted or replaced under hotplugd is noticed before the next change")
{
    const test::TempDirectory directory;
    const auto journal = openJournal(directory.path());
    CHECK_NOTHROW(journal->requireUsable());
    SECTION("deleted") { fs::remove(journalIn(directory)); }
    SECTION("replaced")
    {
        fs::copy_file(journalIn(directory), directory / "copy");
        fs::rename(directory / "copy", journalIn(directory));
    }
    CHECK_THROWS_WITH(journal->requireUsable(), Catch::Contains("deleted or replaced") && Catch::Contains("restart hotplugd"));
}
