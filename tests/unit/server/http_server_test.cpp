#include "server/http_server.h"

#include "support/catch.h"
#include "unit/server/fixture.h"

#include <atomic>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace hotplug;
using namespace hotplug::server;
using namespace hotplug::server::test;
using Catch::Matchers::Contains;

TEST_CASE("R1: one connection carries many requests")
{
    ScriptedEndpoint endpoint(echo);
    const RunningServer running(endpoint);
    auto client = running.client();
    for (int i = 0; i < 1000; ++i) {
        const auto body = std::to_string(i);
        REQUIRE(client.ask(post("/rpc", body)).body == "POST /rpc\n" + body);
    }
}

TEST_CASE("R1: pipelined requests are answered in order, one at a time")
{
    HoldingEndpoint endpoint;
    const RunningServer running(endpoint);
    auto client = running.client();
    client.send(get("/1") + post("/2", "x") + get("/3"));
    for (const std::string target : {"/1", "/2", "/3"}) {
        const auto held = endpoint.next();
        CHECK(held.request.target == target);
        held.respond(text(target));
        CHECK(client.answer().body == target);
    }
}

TEST_CASE("R1: a client that sends byte by byte is served")
{
    ScriptedEndpoint endpoint(echo);
    const RunningServer running(endpoint);
    auto client = running.client();
    for (const char byte : post("/rpc", "slow", "Content-Type: text/plain\r\n"))
        client.send(std::string(1, byte));
    CHECK(client.answer().body == "POST /rpc\nslow");
}

TEST_CASE("R1: a body that comes in chunks reaches the endpoint whole")
{
    ScriptedEndpoint endpoint(echo);
    const RunningServer running(endpoint);
    auto client = running.client();
    client.send("POST /rpc HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    client.send("3\r\ndef\r\n0\r\n\r\n");
    CHECK(client.answer().body == "POST /rpc\nabcdef");
}

TEST_CASE("R1: a client that asks first is told to continue, then served")
{
    ScriptedEndpoint endpoint(echo);
    const RunningServer running(endpoint);
    auto client = running.client();
    const std::string body(100'000, 'x');
    client.send("POST /rpc HTTP/1.1\r\nContent-Length: 100000\r\nExpect: 100-continue\r\n\r\n");
    CHECK(client.answer().status == 100);
    CHECK(client.ask(body).body == "POST /rpc\n" + body);
}

TEST_CASE("R1: the largest body allowed comes back whole")
{
    ScriptedEndpoint endpoint(echo);
    const Limits limits;
    const RunningServer running(endpoint, limits);
    const std::string body(limits.maxBody, 'x');
    auto client = running.client();
    CHECK(client.ask(post("/", body)).body == "POST /\n" + body);
    CHECK(client.ask(get("/again")).status == 200);
}

TEST_CASE("R1: HTTP/1.0 is answered and closed, or kept when asked")
{
    ScriptedEndpoint endpoint(echo);
    const RunningServer running(endpoint);
    auto client = running.client();
    CHECK_THAT(client.ask("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").head,
               Contains("Connection: keep-alive"));
    CHECK_THAT(client.ask("GET /b HTTP/1.0\r\n\r\n").head, Contains("Connection: close"));
    CHECK(client.ended());
}

TEST_CASE("B7: replies have the fields that HTTP asks for")
{
    Reply reply;
    ScriptedEndpoint endpoint([&](const Request&, const Respond& respond) { respond(reply); });
    const RunningServer running(endpoint);
    auto client = running.client();
    SECTION("no content has neither type nor length")
    {
        reply.status = 204;
        const auto answer = client.ask(get("/"));
        CHECK(answer.status == 204);
        CHECK_THAT(answer.head, !Contains("Content-"));
    }
    SECTION("a method that is not allowed names those that are")
    {
        reply.status = 405;
        reply.allow = "GET, POST";
        CHECK_THAT(client.ask(get("/")).head, Contains("405 Method Not Allowed") && Contains("Allow: GET, POST\r\n"));
    }
    SECTION("HEAD gets the length of the body but not the body")
    {
        reply = text("12345");
        client.send("HEAD / HTTP/1.1\r\n\r\n");
        CHECK_THAT(client.answer(true).head, Contains("Content-Length: 5\r\n"));
    }
    CHECK(client.ask(get("/next")).status == static_cast<int>(reply.status));
}

TEST_CASE("R1: a client that has shut down its sending side still gets every reply")
{
    HoldingEndpoint endpoint;
    const RunningServer running(endpoint);
    auto client = running.client();
    client.send(get("/1") + get("/2"));
    client.shutDownSending();
    endpoint.next().respond(text("one"));
    endpoint.next().respond(text("two"));
    CHECK(client.answer().body == "one");
    CHECK(client.answer().body == "two");
    CHECK(client.ended());
}

TEST_CASE("A client that hangs up cancels nothing and harms nobody")
{
    HoldingEndpoint endpoint;
    const RunningServer running(endpoint);
    auto leaving = running.client();
    leaving.send(get("/1"));
    const auto held = endpoint.next();
    leaving.close();
    held.respond(text(GENERATE(std::string("small"), std::string(8'000'000, 'x'))));     // no SIGPIPE either

    auto staying = running.client();
    staying.send(get("/2"));
    endpoint.next().respond(text("fine"));
    CHECK(staying.answer().body == "fine");
}

TEST_CASE("R7: an endpoint that throws gives a 500 and the connection goes on")
{
    const LogCapture log;
    ScriptedEndpoint endpoint([](Request request, const Respond& respond) {
        if (request.target == "/throws")
            throw std::runtime_error("a defect");
        if (request.target == "/throws-something")
            throw 42;
        echo(std::move(request), respond);
    });
    const RunningServer running(endpoint);
    auto client = running.client();
    CHECK(client.ask(get("/throws")).status == 500);
    CHECK(client.ask(get("/throws-something")).status == 500);
    CHECK(client.ask(get("/")).status == 200);
    CHECK(log.count("INTERNAL: endpoint: a defect") == 1);
}

TEST_CASE("R7: a request that the endpoint drops gives a 500, from whatever thread")
{
    const LogCapture log;
    HoldingEndpoint endpoint;
    const RunningServer running(endpoint);
    auto client = running.client();
    client.send(get("/dropped"));
    {
        const auto held = endpoint.next();
    }
    CHECK(client.answer().status == 500);
    CHECK(log.count("INTERNAL: endpoint: a request was dropped") == 1);

    client.send(get("/"));
    endpoint.next().respond(text("fine"));
    CHECK(client.answer().body == "fine");
}

TEST_CASE("R7: only the first reply to a request counts")
{
    std::vector<Respond> kept;
    ScriptedEndpoint endpoint([&](Request request, const Respond& respond) {
        echo(std::move(request), respond);
        respond(text("twice"));
        for (const auto& earlier : kept)
            earlier(text("late"));
        kept.push_back(respond);
    });
    const RunningServer running(endpoint);
    auto client = running.client();
    for (const std::string target : {"/1", "/2", "/3"})
        CHECK(client.ask(get(target)).body == "GET " + target + "\n");
}

TEST_CASE("The endpoint learns from the kernel who is asking, and when")
{
    HoldingEndpoint endpoint;
    const RunningServer running(endpoint);
    auto client = running.client();
    const auto before = Clock::now();
    client.send(get("/"));
    const auto held = endpoint.next();
    CHECK(held.request.peer.uid == geteuid());
    CHECK(held.request.peer.gid == getegid());
    CHECK(held.request.peer.pid == getpid());
    CHECK(held.request.arrival >= before);
    CHECK(held.request.arrival <= Clock::now());
    held.respond({});
}

TEST_CASE("Eight clients at once each get their own replies")
{
    constexpr int clients = 8, requests = 200;
    ScriptedEndpoint endpoint(echo);
    const RunningServer running(endpoint);
    std::atomic<int> right = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < clients; ++i)
        threads.emplace_back([&, i] {
            auto client = running.client();
            for (int k = 0; k < requests; ++k) {
                const auto body = std::to_string(i) + "/" + std::to_string(k);
                right += client.ask(post("/", body)).body == "POST /\n" + body;
            }
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(right == clients * requests);
}

TEST_CASE("Replies from other threads reach the right clients")
{
    constexpr int clients = 8, requests = 50;
    HoldingEndpoint endpoint;
    const RunningServer running(endpoint);
    std::thread worker([&] {
        for (int i = 0; i < clients * requests; ++i) {
            auto held = endpoint.next();
            echo(std::move(held.request), held.respond);
        }
    });
    std::atomic<int> right = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < clients; ++i)
        threads.emplace_back([&, i] {
            auto client = running.client();
            for (int k = 0; k < requests; ++k) {
                const auto target = "/" + std::to_string(i) + "/" + std::to_string(k);
                right += client.ask(get(target)).body == "GET " + target + "\n";
            }
        });
    for (auto& thread : threads)
        thread.join();
    worker.join();
    CHECK(right == clients * requests);
}
