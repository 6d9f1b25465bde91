#include "base/spare_threads.h"

#include "base/clock.h"
#include "support/catch.h"

#include <future>
#include <semaphore>
#include <set>
#include <thread>

using namespace hotplug;

namespace {

// The threads share what they touch: it must live until the last of them has let go of it.

/// Runs work on the threads and returns which one did it.
std::thread::id doOn(SpareThreads& threads)
{
    const auto who = std::make_shared<std::promise<std::thread::id>>();
    threads.start([who] { who->set_value(std::this_thread::get_id()); });
    return who->get_future().get();
}

struct Gate {
    std::counting_semaphore<> arrived{0}, leave{0};
};

} // namespace

TEST_CASE("K6: work that follows work is done by a thread that waits")
{
    SpareThreads threads("spare");
    std::set<std::thread::id> known;
    const auto deadline = Clock::now() + std::chrono::seconds(30);
    while (known.insert(doOn(threads)).second)  // the one before may still be on its way back to waiting
        REQUIRE(Clock::now() < deadline);
}

TEST_CASE("K6: work never waits for other work, however much there is")
{
    SpareThreads threads("spare");
    constexpr int count = 50;
    for (int round = 0; round < 2; ++round) {
        const auto gate = std::make_shared<Gate>();
        for (int i = 0; i < count; ++i)
            threads.start([gate] {
                gate->arrived.release();
                gate->leave.acquire();
            });
        for (int i = 0; i < count; ++i)
            gate->arrived.acquire();            // all of them at once
        gate->leave.release(count);
    }
    doOn(threads);
}

TEST_CASE("Work under way when the threads are given up goes on to its end")
{
    const auto gate = std::make_shared<Gate>();
    {
        SpareThreads threads("spare");
        threads.start([gate] {
            gate->arrived.release();
            gate->leave.acquire();
            gate->arrived.release();
        });
        gate->arrived.acquire();
    }
    gate->leave.release();
    gate->arrived.acquire();
}
