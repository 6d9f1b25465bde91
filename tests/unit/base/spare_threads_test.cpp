#include "base/spare_threads.h"

#include "support/catch.h"
#include "unit/base/captured_log.h"

#include <future>
#include <semaphore>
#include <thread>

using namespace hotplug;

namespace {

/// Runs work on the threads and returns which one did it.
std::thread::id doOn(SpareThreads& threads)
{
    std::promise<std::thread::id> who;
    threads.start([&who] { who.set_value(std::this_thread::get_id()); });
    return who.get_future().get();
}

} // namespace

TEST_CASE("K6: work that follows work is done by the thread that waits")
{
    SpareThreads threads("spare");
    const auto first = doOn(threads);
    int same = 0;
    for (int i = 0; i < 100; ++i)
        same += doOn(threads) == first;
    CHECK(same > 0);                            // it may still be on its way back to waiting
}

TEST_CASE("K6: work never waits for other work, however much there is")
{
    SpareThreads threads("spare");
    constexpr int count = 50;
    std::counting_semaphore<count> arrived(0), leave(0);
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < count; ++i)
            threads.start([&] {
                arrived.release();
                leave.acquire();
            });
        for (int i = 0; i < count; ++i)
            arrived.acquire();                  // all of them at once
        leave.release(count);
    }
    std::promise<void> last;
    threads.start([&last] { last.set_value(); });
    last.get_future().wait();
}

TEST_CASE("Work that throws is logged as INTERNAL, and its thread goes on")
{
    const test::CapturedLog log;
    SpareThreads threads("spare");
    threads.start([] { throw std::runtime_error("broken"); });
    doOn(threads);
    while (log.text().find("INTERNAL") == std::string::npos)
        std::this_thread::yield();
    CHECK_THAT(log.text(), Catch::Contains("broken"));
}

TEST_CASE("Work under way when the threads are given up goes on to its end")
{
    std::promise<void> begun, go, done;
    {
        SpareThreads threads("spare");
        threads.start([&] {
            begun.set_value();
            go.get_future().wait();
            done.set_value();
        });
        begun.get_future().wait();
    }
    go.set_value();
    done.get_future().wait();
}
