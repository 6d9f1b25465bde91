#include "server/http_server.h"

#include "support/catch.h"
#include "unit/server/fixture.h"

#include <boost/system/error_code.hpp>
#include <cerrno>
#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

using namespace hotplug;
using namespace hotplug::server;
using namespace hotplug::server::test;
using Catch::Matchers::Contains;

namespace {

constexpr std::chrono::seconds plenty{20};

int anyDescriptor()
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/// The process gets no further descriptor while this lives.
class NoMoreDescriptors {
public:
    NoMoreDescriptors() : highest_(anyDescriptor())
    {
        // UBSan looks at each new kind of object through a pipe: show it those of a log line while it can have one.
        spdlog::warn("soon: {}", boost::system::error_code(EMFILE, boost::system::system_category()).message());
        getrlimit(RLIMIT_NOFILE, &before_);
        rlimit lower = before_;
        lower.rlim_cur = static_cast<rlim_t>(highest_) + 1;     // the lowest free one: all below are taken
        setrlimit(RLIMIT_NOFILE, &lower);
    }
    ~NoMoreDescriptors()
    {
        close(highest_);
        setrlimit(RLIMIT_NOFILE, &before_);
    }
    NoMoreDescriptors(const NoMoreDescriptors&) = delete;
    NoMoreDescriptors& operator=(const NoMoreDescriptors&) = delete;

private:
    int highest_;
    rlimit before_{};
};

} // namespace

TEST_CASE("Stopping lets a running request be answered, and closes idle and unfinished connections at once")
{
    HoldingEndpoint endpoint;
    RunningServer running(endpoint);
    auto idle = running.client(), unfinished = running.client(), busy = running.client();
    unfinished.send("GET /half");
    busy.send(get("/busy") + get("/pipelined"));
    const auto held = endpoint.next();

    std::thread stopping([&] { running.server.stop(Clock::now() + plenty); });
    CHECK(idle.ended());
    CHECK(unfinished.ended());
    CHECK(access(running.path.c_str(), F_OK) != 0);
    CHECK_THROWS(running.client());

    held.respond(text("done"));
    const auto answer = busy.answer();
    CHECK(answer.body == "done");
    CHECK_THAT(answer.head, Contains("Connection: close"));
    CHECK(busy.ended());
    stopping.join();
}

TEST_CASE("Stopping does not wait for a request beyond its deadline, whose reply then goes nowhere")
{
    HoldingEndpoint endpoint;
    HoldingEndpoint::Held held;
    {
        RunningServer running(endpoint);
        auto client = running.client();
        client.send(get("/stuck"));
        held = endpoint.next();
        running.server.stop(Clock::now() + milliseconds(20));
        CHECK(client.ended());
        SECTION("while the server is still there")
        {
            held.respond(text("too late"));
        }
    }
    held.respond(text("far too late"));
}

TEST_CASE("A request dropped after the server has gone is nobody's concern")
{
    const LogCapture log;
    HoldingEndpoint endpoint;
    HoldingEndpoint::Held held;
    {
        const RunningServer running(endpoint);
        auto client = running.client();
        client.send(get("/"));
        held = endpoint.next();
    }
    held = {};
    CHECK(log.count("INTERNAL") == 0);
}

TEST_CASE("Stopping ends a client that is being turned away or does not read")
{
    const LogCapture log;
    const std::string much(8'000'000, 'x');
    ScriptedEndpoint endpoint([&](const Request&, const Respond& respond) { respond(text(much)); });
    Limits limits;
    limits.maxConnections = 1;
    RunningServer running(endpoint, limits);
    auto deaf = running.client();
    deaf.send(get("/"));
    auto turnedAway = running.client();
    CHECK(turnedAway.answer().status == 503);
    running.server.stop(Clock::now() + milliseconds(20));
    CHECK(turnedAway.ended());
    CHECK(deaf.rest().size() < much.size());
}

TEST_CASE("A server can be stopped twice, or without ever having been started")
{
    ScriptedEndpoint endpoint(echo);
    const TempFolder folder;
    HttpServer server(endpoint);
    server.listen(UnixListener::create({folder / "a", 0660, ""}));
    server.listen(UnixListener::create({folder / "b", 0660, ""}));
    SECTION("started")
    {
        server.start();
        CHECK(Client(folder / "a").ask(get("/")).status == 200);
        CHECK(Client(folder / "b").ask(get("/")).status == 200);
    }
    SECTION("not started")
    {
    }
    server.stop(Clock::now());
    server.stop(Clock::now());
    CHECK(access((folder / "a").c_str(), F_OK) != 0);
}

TEST_CASE("Clients that connected before the start are served")
{
    ScriptedEndpoint endpoint(echo);
    const TempFolder folder;
    HttpServer server(endpoint);
    server.listen(UnixListener::create({folder / "s", 0660, ""}));
    Client early(folder / "s");
    early.send(get("/"));
    server.start();
    CHECK(early.answer().status == 200);
}

TEST_CASE("Out of file descriptors the server rests, says so once, and goes on when there are some")
{
    LogCapture log;
    ScriptedEndpoint endpoint(echo);
    Limits limits;
    limits.acceptPause = milliseconds(5);
    const RunningServer running(endpoint, limits);
    auto served = running.client();
    CHECK(served.ask(get("/")).status == 200);

    auto waiting = [&] {
        const int reserve = anyDescriptor();        // becomes the client's
        const NoMoreDescriptors none;
        close(reserve);
        auto client = running.client();
        client.send(get("/"));
        log.await("cannot accept connections");
        CHECK(served.ask(get("/")).status == 200);
        return client;
    }();

    CHECK(waiting.answer().status == 200);
    CHECK(log.count("cannot accept connections") == 1);
}
