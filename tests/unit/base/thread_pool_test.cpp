#include "support/catch.h"

#include "base/thread_pool.h"
#include "captured_log.h"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <pthread.h>
#include <stdexcept>
#include <system_error>

using namespace hotplug;
using hotplug::test::CapturedLog;
using namespace std::chrono_literals;

namespace {

constexpr auto patience = 10s;

/// A task that says when it runs and stays until it is let go.
class Held {
public:
    std::function<void()> task()
    {
        return [started = started_, go = go_.get_future().share()] {
            started->set_value();
            go.wait();
        };
    }
    bool runs() { return started_->get_future().wait_for(patience) == std::future_status::ready; }
    void letGo() { go_.set_value(); }

private:
    std::shared_ptr<std::promise<void>> started_ = std::make_shared<std::promise<void>>();
    std::promise<void> go_;
};

/// While it lives no thread can be created: nobody has memory for such a stack.
class NoMoreThreads {
public:
    NoMoreThreads()
    {
        pthread_getattr_default_np(&before_);
        pthread_attr_t huge;
        pthread_attr_init(&huge);
        pthread_attr_setstacksize(&huge, std::size_t{1} << 46);
        refused_ = pthread_setattr_default_np(&huge) != 0;
        pthread_attr_destroy(&huge);
    }
    ~NoMoreThreads()
    {
        pthread_setattr_default_np(&before_);
        pthread_attr_destroy(&before_);
    }
    NoMoreThreads(const NoMoreThreads&) = delete;
    NoMoreThreads& operator=(const NoMoreThreads&) = delete;

    bool effective() const { return !refused_; }

private:
    pthread_attr_t before_{};
    bool refused_ = false;
};

bool eventually(const std::function<bool()>& condition)
{
    const auto end = std::chrono::steady_clock::now() + patience;
    for (; std::chrono::steady_clock::now() < end; std::this_thread::sleep_for(1ms))
        if (condition())
            return true;
    return false;
}

std::string thisThreadsName()
{
    char name[16] = {};
    pthread_getname_np(pthread_self(), name, sizeof name);
    return name;
}

} // namespace

TEST_CASE("K6: a pool with a full queue takes no more and says so at once")
{
    std::atomic<int> ran = 0;
    {
        ThreadPool pool("test", 1, 2);
        Held held;
        REQUIRE(pool.post(held.task()));
        REQUIRE(held.runs());
        CHECK(pool.post([&ran] { ++ran; }));
        CHECK(pool.post([&ran] { ++ran; }));
        CHECK_FALSE(pool.post([&ran] { ran += 100; }));
        held.letGo();
    }
    CHECK(ran == 2);
}

TEST_CASE("A pool of one runs its tasks in arrival order, all of them before it goes")
{
    std::vector<int> order;
    {
        ThreadPool pool("test", 1, 100);
        for (int i = 0; i < 100; ++i)
            REQUIRE(pool.post([&order, i] { order.push_back(i); }));
    }
    REQUIRE(order.size() == 100);
    CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("A pool runs as many tasks at once as it has threads")
{
    ThreadPool pool("test", 3, 10);
    Held held[3];
    for (auto& one : held)
        REQUIRE(pool.post(one.task()));
    for (auto& one : held)
        CHECK(one.runs());
    for (auto& one : held)
        one.letGo();
}

TEST_CASE("A task that throws is logged as INTERNAL and costs the pool nothing")
{
    CapturedLog log;
    bool after = false;
    {
        ThreadPool pool("quick", 1, 10);
        REQUIRE(pool.post([] { throw std::runtime_error("a defect"); }));
        REQUIRE(pool.post([&after] { after = true; }));
    }
    CHECK(after);
    CHECK_THAT(log.text(), Catch::Contains("INTERNAL: quick: a defect"));
}

TEST_CASE("Threads bear their pool's name, cut to what the kernel keeps")
{
    std::string ofPool, ofPatient;
    {
        ThreadPool pool("a-name-that-is-too-long", 1, 1);
        REQUIRE(pool.post([&ofPool] { ofPool = thisThreadsName(); }));
        PatientThreads patient("patient", 1);
        REQUIRE(patient.run([&ofPatient] { ofPatient = thisThreadsName(); }));
    }
    CHECK(ofPool == "a-name-that-is-");
    CHECK(ofPatient == "patient");
}

TEST_CASE("A pool that cannot have its threads is not built, and nothing else breaks")
{
    NoMoreThreads none;
    REQUIRE(none.effective());
    CHECK_THROWS_AS(ThreadPool("test", 2, 2), std::system_error);
}

TEST_CASE("K6: patient threads are bounded, and an ended task makes room")
{
    PatientThreads patient("test", 2);
    Held first, second;
    REQUIRE(patient.run(first.task()));
    REQUIRE(patient.run(second.task()));
    CHECK_FALSE(patient.run([] {}));
    first.letGo();
    CHECK(eventually([&patient] { return patient.run([] {}); }));
    second.letGo();
}

TEST_CASE("Patient threads go only when their tasks have ended")
{
    std::atomic<bool> ended = false;
    {
        PatientThreads patient("test", 1);
        REQUIRE(patient.run([&ended] {
            std::this_thread::sleep_for(20ms);
            ended = true;
        }));
    }
    CHECK(ended);
}

TEST_CASE("A patient task that throws is logged as INTERNAL and makes room")
{
    CapturedLog log;
    {
        PatientThreads patient("patient", 1);
        REQUIRE(patient.run([] { throw std::runtime_error("a defect"); }));
        CHECK(eventually([&patient] { return patient.run([] {}); }));
    }
    CHECK_THAT(log.text(), Catch::Contains("INTERNAL: patient: a defect"));
}

TEST_CASE("K6: a task for which the system has no thread is not taken and leaves no trace")
{
    CapturedLog log;
    auto held = std::make_shared<int>(1);
    {
        PatientThreads patient("test", 1);
        {
            NoMoreThreads none;
            REQUIRE(none.effective());
            for (int i = 0; i < 3; ++i)
                CHECK_FALSE(patient.run([held] {}));
        }
        CHECK(held.use_count() == 1);
        CHECK(patient.run([] {}));
    }
    CHECK_THAT(log.text(), !Catch::Contains("INTERNAL"));
}

TEST_CASE("A drained pool has run what it had, and takes no more")
{
    ThreadPool pool("test", 1, 10);
    Held held;
    std::atomic<int> ran = 0;
    REQUIRE(pool.post(held.task()));
    REQUIRE(pool.post([&ran] { ++ran; }));
    REQUIRE(held.runs());
    CHECK_FALSE(pool.drain(10ms));
    CHECK_FALSE(pool.post([&ran] { ran += 100; }));
    held.letGo();
    CHECK(pool.drain(5s));
    CHECK(ran == 1);
}

TEST_CASE("Drained patient threads have ended, and no more start")
{
    PatientThreads patient("test", 3);
    Held held;
    REQUIRE(patient.run(held.task()));
    REQUIRE(held.runs());
    CHECK_FALSE(patient.drain(10ms));
    CHECK_FALSE(patient.run([] {}));
    held.letGo();
    CHECK(patient.drain(5s));
    CHECK_FALSE(patient.run([] {}));
}
