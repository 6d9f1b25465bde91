#include "unit/journal/journal_fixture.h"

#include <csignal>
#include <filesystem>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace hotplug;
using test::checkSame, test::entry;

TEST_CASE("K4: an operation is found as it was opened, and unsettled, also by the next process")
{
    const test::TempDirectory directory;
    auto first = entry();
    auto second = entry("hotunplugNic");
    second.intent.plans.front().device.reset();
    second.intent.plans.front().record.reset();
    second.intent.plans.front().address = DriveAddress{0, 0, 0, 3};
    second.opened -= std::chrono::hours(1);     // the clock was set back: the order stays
    {
        const auto journal = openJournal(directory.path());
        journal->open(first);
        journal->open(second);
    }
    const auto journal = openJournal(directory.path());
    const auto unsettled = journal->unsettled();
    REQUIRE(unsettled.size() == 2);
    checkSame(unsettled[0], first);
    checkSame(unsettled[1], second);
    checkSame(journal->find(second.id).value(), second);
    CHECK(!journal->find(Uuid::random()));
}

TEST_CASE("K4: pending is a note, every other outcome settles")
{
    const test::TempDirectory directory;
    const auto journal = openJournal(directory.path());
    auto one = entry();
    journal->open(one);
    journal->settle(one.id, Outcome::Pending, Reason::GuestNotResponding, "the guest sleeps");
    one.outcome = Outcome::Pending;
    one.reason = Reason::GuestNotResponding;
    one.sentence = "the guest sleeps";
    REQUIRE(journal->unsettled().size() == 1);
    checkSame(journal->unsettled().front(), one);

    const auto outcome = GENERATE(Outcome::Done, Outcome::Refused, Outcome::Failed, Outcome::Cancelled, Outcome::Moved);
    journal->settle(one.id, outcome, std::nullopt, "");
    CHECK(journal->unsettled().empty());
    one.outcome = outcome;
    one.reason.reset();
    one.sentence.clear();
    checkSame(journal->find(one.id).value(), one);
}

TEST_CASE("K4: settling twice is harmless with the same outcome, an error with another, and never changes the first")
{
    const test::TempDirectory directory;
    const auto journal = openJournal(directory.path());
    const auto one = entry();
    journal->open(one);
    journal->settle(one.id, Outcome::Failed, Reason::LibvirtError, "first");
    journal->settle(one.id, Outcome::Failed, Reason::GuestBusy, "second");
    CHECK_THROWS_WITH(
        journal->settle(one.id, Outcome::Done, std::nullopt, ""), Catch::Contains("settled already, as failed"));
    CHECK(journal->find(one.id)->sentence == "first");
    CHECK(journal->find(one.id)->reason == Reason::LibvirtError);
    CHECK_THROWS_AS(journal->settle(Uuid::random(), Outcome::Done, std::nullopt, ""), JournalError);
}

TEST_CASE("R2: an operation of several devices comes back whole, and any of them supersedes it")
{
    const test::TempDirectory directory;
    auto list = entry(), single = entry();
    list.intent.plans.push_back(list.intent.plans.front());
    list.intent.plans.back().alias = Alias("ua-disk-2");
    single.intent.plans = {list.intent.plans.back()};
    const auto journal = openJournal(directory.path());
    journal->open(list);
    checkSame(*journal->find(list.id), list);
    journal->open(single);
    CHECK(journal->find(list.id)->outcome == Outcome::Failed);
    CHECK(journal->unsettled().size() == 1);
}

TEST_CASE("P1: a plan is replaced while its operation is open, and only then")
{
    const test::TempDirectory directory;
    const auto journal = openJournal(directory.path());
    auto one = entry();
    journal->open(one);
    one.intent.plans.front().address = PciAddress{0, 9, 0, 0};
    journal->rewrite(one.id, one.intent);
    checkSame(journal->find(one.id).value(), one);
    journal->settle(one.id, Outcome::Done, std::nullopt, "");
    CHECK_THROWS_AS(journal->rewrite(one.id, {{test::diskPlan()}, {}}), JournalError);
    CHECK_THROWS_AS(journal->rewrite(Uuid::random(), {{test::diskPlan()}, {}}), JournalError);
    CHECK(journal->find(one.id)->intent == one.intent);
}

TEST_CASE("K4: an operationId is opened once; the journal works on after an error")
{
    const test::TempDirectory directory;
    const auto journal = openJournal(directory.path());
    const auto one = entry();
    journal->open(one);
    CHECK_THROWS_AS(journal->open(one), JournalError);
    journal->open(entry());
    CHECK(journal->unsettled().size() == 2);
}

TEST_CASE("Invariant 3: a row whose settling failed is superseded by the next operation on the same device of the VM")
{
    const test::TempDirectory directory;
    const auto journal = openJournal(directory.path());
    auto stale = entry("hotunplugDisk"), next = entry();
    next.intent.plans.front() = stale.intent.plans.front();
    auto otherVm = stale, otherDevice = stale, settled = stale;
    for (auto* one : {&otherVm, &otherDevice, &settled})
        one->id = Uuid::random();
    otherVm.intent.plans.front().vm = Uuid::random();
    otherDevice.intent.plans.front().alias = Alias("ua-disk-2");
    journal->open(settled);
    journal->settle(settled.id, Outcome::Done, std::nullopt, "");
    for (const auto& one : {stale, otherVm, otherDevice})
        journal->open(one);

    journal->open(next);
    const auto found = journal->find(stale.id).value();
    CHECK(found.outcome == Outcome::Failed);
    CHECK(found.reason == Reason::Recovering);
    CHECK(found.sentence == "superseded by operation " + next.id.str());
    CHECK(journal->find(settled.id)->outcome == Outcome::Done);
    const auto unsettled = journal->unsettled();
    REQUIRE(unsettled.size() == 3);
    checkSame(unsettled[0], otherVm);
    checkSame(unsettled[1], otherDevice);
    checkSame(unsettled[2], next);
}

TEST_CASE("Invariant 3: an operation that cannot be kept supersedes nothing, and devices without an alias never do")
{
    const test::TempDirectory directory;
    const auto journal = openJournal(directory.path());
    auto first = entry();
    journal->open(first);
    CHECK_THROWS_AS(journal->open(first), JournalError);
    checkSame(journal->find(first.id).value(), first);

    auto nameless = entry(), another = entry();
    nameless.intent.plans.front().alias = Alias();
    another.intent.plans.front() = nameless.intent.plans.front();
    journal->open(nameless);
    journal->open(another);
    CHECK(journal->unsettled().size() == 3);
}

TEST_CASE("Invariant 3: an operation that a killed process opened is found by the next one")
{
    const test::TempDirectory directory;
    const auto settled = entry(), open = entry();
    const pid_t child = ::fork();
    if (child == 0) {
        const auto journal = openJournal(directory.path());
        journal->open(settled);
        journal->settle(settled.id, Outcome::Done, std::nullopt, "");
        journal->open(open);
        ::raise(SIGKILL);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    const auto journal = openJournal(directory.path());
    REQUIRE(journal->unsettled().size() == 1);
    checkSame(journal->unsettled().front(), open);
    CHECK(journal->find(settled.id)->outcome == Outcome::Done);
}

TEST_CASE("K4: a second process is kept away until the first one is gone")
{
    const test::TempDirectory directory;
    auto journal = openJournal(directory.path());
    const pid_t child = ::fork();
    if (child == 0)
        ::_exit(test::problemOf(directory.path()).find("in use by another hotplugd") != std::string::npos ? 0 : 1);
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK_THAT(test::problemOf(directory.path()), Catch::Contains("in use"));
    journal.reset();
    CHECK(test::problemOf(directory.path()).empty());
}

TEST_CASE("K4: the journal is for its owner's eyes only")
{
    const test::TempDirectory directory;
    const auto journal = openJournal(directory.path());
    journal->open(entry());
    for (const auto* file : {"journal.sqlite", "journal.sqlite-wal", "journal.lock"}) {
        struct stat status{};
        REQUIRE(::stat((directory / file).c_str(), &status) == 0);
        CHECK((status.st_mode & 0777) == 0600);
    }
}

TEST_CASE("K4: many threads open and settle at once")
{
    const test::TempDirectory directory;
    const auto journal = openJournal(directory.path());
    constexpr int threads = 4, each = 60;
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i)
        running.emplace_back([&journal] {
            for (int k = 0; k < each; ++k) {
                const auto one = entry();
                journal->open(one);
                if (k % 2 == 0)
                    journal->settle(one.id, Outcome::Done, std::nullopt, "");
                journal->find(one.id);
                journal->unsettled();
            }
        });
    for (auto& thread : running)
        thread.join();
    CHECK(journal->unsettled().size() == threads * each / 2);
}

TEST_CASE("R2 K4: a list that is taken back is not superseded for a device that it has given up")
{
    const test::TempDirectory directory;
    const auto journal = openJournal(directory.path());
    const auto vm = Uuid::random();
    const auto list = test::entryOf(vm, {"kept", "given-up"}), undo = test::entryOf(vm, {"kept"});
    journal->open(list);
    journal->rewrite(list.id, undo.intent);
    journal->open(test::entryOf(vm, {"given-up"}));
    CHECK_FALSE(journal->find(list.id)->settled);
    CHECK(journal->unsettled().size() == 2);
    journal->open(test::entryOf(vm, {"kept"}));
    CHECK(journal->find(list.id)->settled);
}

TEST_CASE("K3: a cancel that was kept outlasts other reasons to wait, until the end")
{
    const test::TempDirectory directory;
    const auto journal = openJournal(directory.path());
    const auto one = entry();
    journal->open(one);
    journal->settle(one.id, Outcome::Pending, Reason::Cancelled, "soon");
    journal->settle(one.id, Outcome::Pending, Reason::Migrating, "later");
    CHECK(journal->find(one.id)->reason == Reason::Cancelled);
    CHECK(journal->find(one.id)->sentence == "soon");
    journal->settle(one.id, Outcome::Done, std::nullopt, "");
    CHECK_FALSE(journal->find(one.id)->reason);
}
