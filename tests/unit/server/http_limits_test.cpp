#include "server/http_server.h"

#include "support/catch.h"
#include "unit/server/fixture.h"

#include <unistd.h>
#include <vector>

using namespace hotplug;
using namespace hotplug::server;
using namespace hotplug::server::test;
using Catch::Matchers::Contains;

namespace {

/// For deadlines that the test itself must not miss, on a busy machine either.
constexpr milliseconds longEnoughToSend{300};

} // namespace

TEST_CASE("R7: a request beyond the limits is answered even while the client still sends")
{
    ScriptedEndpoint endpoint(echo);
    Limits limits;
    limits.maxBody = 1000;
    const RunningServer running(endpoint, limits);
    auto client = running.client();
    SECTION("body")
    {
        CHECK(client.trySend(post("/rpc", std::string(3'000'000, 'x'))));
        CHECK(client.answer().status == 413);
    }
    SECTION("body, asked first")
    {
        client.send("POST /rpc HTTP/1.1\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n");
        CHECK(client.answer().status == 413);
    }
    SECTION("header")
    {
        CHECK(client.trySend(get("/", "X: " + std::string(3'000'000, 'x') + "\r\n")));
        CHECK(client.answer().status == 431);
    }
    SECTION("malformed")
    {
        CHECK(client.trySend("{\"jsonrpc\":\"2.0\"}\n" + std::string(3'000'000, 'x')));
        CHECK(client.answer().status == 400);
    }
    CHECK(client.ended());
    CHECK(running.client().ask(get("/")).status == 200);
}

TEST_CASE("R7: a client that goes on sending after the last reply is cut off")
{
    ScriptedEndpoint endpoint(echo);
    Limits limits;
    limits.lingerDeadline = milliseconds(50);
    const RunningServer running(endpoint, limits);
    auto client = running.client();
    client.send("nonsense\r\n\r\n");
    CHECK(client.answer().status == 400);
    CHECK(client.ended());
    while (client.trySend("more")) {
    }
}

TEST_CASE("Connections that keep the server waiting are closed without a word")
{
    ScriptedEndpoint endpoint(echo);
    Limits limits;
    SECTION("nothing at all")
    {
        limits.idleDeadline = longEnoughToSend;
        const RunningServer running(endpoint, limits);
        CHECK(running.client().ended());
    }
    SECTION("nothing after a request")
    {
        limits.idleDeadline = longEnoughToSend;
        const RunningServer running(endpoint, limits);
        auto client = running.client();
        client.ask(get("/"));
        CHECK(client.ended());
    }
    SECTION("half a header")
    {
        limits.headerDeadline = milliseconds(50);
        const RunningServer running(endpoint, limits);
        auto client = running.client();
        client.ask(get("/"));
        client.send("GET / HT");
        CHECK(client.ended());
    }
    SECTION("a header that grows for ever")
    {
        limits.headerDeadline = milliseconds(50);
        limits.maxHeader = 100'000'000;
        const RunningServer running(endpoint, limits);
        auto client = running.client();
        client.send("GET / HTTP/1.1\r\nX: ");
        while (client.trySend("x")) {
        }
        CHECK(client.ended());
    }
    SECTION("half a body")
    {
        limits.bodyDeadline = milliseconds(50);
        const RunningServer running(endpoint, limits);
        auto client = running.client();
        client.send("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhal");
        CHECK(client.ended());
    }
}

TEST_CASE("A client that does not take its reply is cut off")
{
    const std::string much(8'000'000, 'x');
    ScriptedEndpoint endpoint([&](const Request&, const Respond& respond) { respond(text(much)); });
    Limits limits;
    limits.writeDeadline = milliseconds(50);
    const RunningServer running(endpoint, limits);
    auto client = running.client();
    client.send(get("/"));
    client.awaitHangUp();
    CHECK(client.rest().size() < much.size());
}

TEST_CASE("R1: a request that takes longer than every deadline is still answered")
{
    HoldingEndpoint endpoint;
    Limits limits;
    limits.idleDeadline = limits.headerDeadline = limits.bodyDeadline = limits.writeDeadline = longEnoughToSend;
    const RunningServer running(endpoint, limits);
    auto client = running.client();
    client.send(get("/slow"));
    const auto held = endpoint.next();
    CHECK(running.client().ended());        // the idle deadline passed meanwhile, for another connection
    held.respond(text("at last"));
    CHECK(client.answer().body == "at last");
}

TEST_CASE("One connection too many is told so and closed; there is room again when another leaves")
{
    ScriptedEndpoint endpoint(echo);
    Limits limits;
    limits.maxConnections = 4;                  // of which one user has half
    const LogCapture log;
    const RunningServer running(endpoint, limits);
    auto first = running.client(), second = running.client();
    CHECK(first.ask(get("/")).status == 200);
    CHECK(second.ask(get("/")).status == 200);

    auto third = running.client();
    const auto answer = third.ask(get("/"));
    CHECK(answer.status == 503);
    CHECK_THAT(answer.head, Contains("Connection: close"));
    CHECK(third.ended());
    CHECK(running.client().ask(get("/")).status == 503);
    CHECK(log.count("is turned away") == 1);

    first.close();
    while (running.client().ask(get("/")).status == 503) {
    }
    CHECK(second.ask(get("/")).status == 200);
}

TEST_CASE("K6: however many connections one user holds, another gets in, and so does a third")
{
    if (geteuid() != 0) {
        WARN("not root: nobody else's connections can be made");
        return;
    }
    ScriptedEndpoint endpoint(echo);
    Limits limits;
    limits.maxConnections = 16;
    const LogCapture log;
    const RunningServer running(endpoint, limits);
    running.openToAll();
    const auto hoard = [&running](uid_t uid) {
        const ActingAs user(uid);
        std::vector<Client> held;
        for (;;) {
            auto client = running.client();
            if (client.ask(get("/")).status != 200)
                return held;
            held.push_back(std::move(client));
        }
    };
    const auto first = hoard(0), second = hoard(4001), third = hoard(4002);
    CHECK(first.size() == 8);
    CHECK(second.size() == 4);
    CHECK(third.size() == 2);
    CHECK(hoard(4003).size() == 1);
    CHECK(log.count("uid 0 is turned away") == 1);
}

TEST_CASE("Clients that do not leave when turned away cannot pile up")
{
    const LogCapture log;
    ScriptedEndpoint endpoint(echo);
    Limits limits;
    limits.maxConnections = 1;
    limits.maxTurnedAway = 1;
    const RunningServer running(endpoint, limits);
    auto first = running.client();
    CHECK(first.ask(get("/")).status == 200);
    auto second = running.client(), third = running.client();
    CHECK(second.answer().status == 503);
    CHECK(third.ended());
}

TEST_CASE("R7: a request that ends early is answered as malformed")
{
    ScriptedEndpoint endpoint(echo);
    const RunningServer running(endpoint);
    auto client = running.client();
    client.send("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhal");
    client.shutDownSending();
    CHECK(client.answer().status == 400);
    CHECK(client.ended());
}
