#include "base/bounded_calls.h"

#include "base/reason.h"
#include "support/catch.h"

#include <condition_variable>
#include <future>
#include <mutex>

using namespace hotplug;
using End = BoundedCalls::End;

namespace {

constexpr milliseconds atOnce{5}, long_{30'000};

/// A door that calls wait behind; theirs as well as the test's.
class Door {
public:
    void pass()
    {
        std::unique_lock lock(mutex_);
        ++arrived_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
        ++passed_;
        changed_.notify_all();
    }
    void open()
    {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    void awaitArrived(int count) { await(arrived_, count); }
    void awaitPassed(int count) { await(passed_, count); }
    int arrived() const
    {
        const std::lock_guard lock(mutex_);
        return arrived_;
    }

private:
    void await(const int& counter, int count)
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return counter >= count; });
    }

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
    int arrived_ = 0, passed_ = 0;
};

BoundedCalls::Place at(const std::string& place)
{
    return [place] { return place; };
}

/// Calls that wait behind a door.
struct Doorway {
    explicit Doorway(BoundedCalls::Limits limits) : calls("test", limits) {}
    ~Doorway() { door->open(); }

    End knock(const std::string& place, milliseconds patience = atOnce)
    {
        return calls.run(at(place), Clock::now() + patience, [door = door] { door->pass(); });
    }
    End quick(const std::string& place, milliseconds patience = long_)
    {
        return calls.run(at(place), Clock::now() + patience, [] {});
    }

    std::shared_ptr<Door> door = std::make_shared<Door>();
    BoundedCalls calls;
};

} // namespace

TEST_CASE("K6: a call that does not come back in time is left behind, and its owner may go")
{
    const auto door = std::make_shared<Door>();
    {
        BoundedCalls calls("test", {2, 9});
        CHECK(calls.run(at("a"), Clock::now() + atOnce, [door] { door->pass(); }) == End::Overdue);
    }
    door->open();
    door->awaitPassed(1);
    CHECK(door->arrived() == 1);
}

TEST_CASE("K6: where as many calls hang as may run, another one is not begun and does not wait; elsewhere it is")
{
    Doorway doorway({2, 9});
    CHECK(doorway.knock("a") == End::Overdue);
    CHECK(doorway.quick("a") == End::InTime);
    CHECK(doorway.knock("a") == End::Overdue);
    CHECK(doorway.quick("a", std::chrono::hours(1)) == End::NotBegun);
    CHECK(doorway.quick("b") == End::InTime);
}

TEST_CASE("K6: calls that hang are limited over all places, too, and make room when they come back")
{
    Doorway doorway({2, 3});
    for (const auto* place : {"a", "b", "c"})
        CHECK(doorway.knock(place) == End::Overdue);
    CHECK(doorway.quick("d", std::chrono::hours(1)) == End::NotBegun);
    doorway.door->open();
    doorway.door->awaitPassed(3);
    CHECK(doorway.calls.stop(long_));
}

TEST_CASE("K6: one call more than may run at a place waits for room, which those elsewhere do not")
{
    Doorway doorway({1, 9});
    auto first = std::async(std::launch::async, [&] { return doorway.knock("a", long_); });
    doorway.door->awaitArrived(1);
    CHECK(doorway.quick("a", atOnce) == End::NotBegun);
    CHECK(doorway.quick("b") == End::InTime);
    auto second = std::async(std::launch::async, [&] { return doorway.knock("a", long_); });
    doorway.door->open();
    CHECK(first.get() == End::InTime);
    CHECK(second.get() == End::InTime);
}

TEST_CASE("K6: who waits for room behind a call that becomes overdue waits no longer")
{
    Doorway doorway({1, 9});
    auto hanging = std::async(std::launch::async, [&] { return doorway.knock("a", milliseconds(50)); });
    doorway.door->awaitArrived(1);
    CHECK(doorway.quick("a", std::chrono::hours(1)) == End::NotBegun);
    CHECK(hanging.get() == End::Overdue);
}

TEST_CASE("K6: a result is there in time or not at all, and what a call throws reaches its caller")
{
    BoundedCalls calls("test", {2, 9});
    CHECK(calls.take(at("a"), long_, [] { return 4711; }) == 4711);
    CHECK_THROWS_AS(calls.take(at("a"), long_, []() -> int { throw Refusal(Reason::SourceNotFound, "gone"); }), Refusal);
    const auto door = std::make_shared<Door>();
    CHECK_FALSE(calls.take(at("a"), atOnce, [door] {
        door->pass();
        return 4711;
    }));
    door->open();
}

TEST_CASE("K6: stopping lets nobody wait, takes no more, and tells whether a call still runs")
{
    Doorway doorway({2, 9});
    auto waiting = std::async(std::launch::async, [&] { return doorway.knock("a", std::chrono::hours(1)); });
    doorway.door->awaitArrived(1);
    CHECK_FALSE(doorway.calls.stop(atOnce));
    CHECK(waiting.get() == End::Overdue);
    CHECK(doorway.quick("b") == End::NotBegun);
    doorway.door->open();
    CHECK(doorway.calls.stop(long_));
}
