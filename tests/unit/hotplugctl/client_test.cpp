#include "hotplugctl/client.h"
#include "support/catch.h"
#include "unit/hotplugctl/fake_server.h"
#include "unit/hotplugctl/fixture.h"

#include <sys/stat.h>
#include <unistd.h>

using namespace hotplug;
using namespace hotplug::ctl;
using namespace hotplug::ctl::test;
using Catch::Matchers::Contains;

namespace {

constexpr milliseconds wait{10'000};
constexpr milliseconds shortWait{100};

Json::Value ping(const FakeServer& server, milliseconds patience = wait)
{
    return Client(server.path()).call("ping", Json::objectValue, patience);
}

/// Serves every request of a connection with the same body.
auto answers(const std::string& body, const std::string& status = "200 OK")
{
    return [=](Peer& peer) {
        while (!peer.request().empty())
            peer.reply(body, status);
    };
}

/// Sends these bytes after the request, then hangs up.
auto sends(const std::string& bytes)
{
    return [=](Peer& peer) {
        peer.request();
        peer.send(bytes);
    };
}

void echoPing(Peer& peer)
{
    for (std::string request; !(request = peer.request()).empty();)
        peer.reply(resultFor(request, R"({"a": [1, "ä"]})"));
}

} // namespace

TEST_CASE("R1: the client sends JSON-RPC 2.0 with named params and returns the result")
{
    std::string seen;
    FakeServer server([&](Peer& peer) {
        seen = peer.request();
        peer.reply(resultFor(seen, "{\"ok\": true}"));
    });
    Json::Value params;
    params["vmId"] = "x";
    CHECK(Client(server.path()).call("getVm", params, wait) == json("{'ok': true}"));
    server.stop();
    CHECK_THAT(seen, Catch::StartsWith("POST /rpc HTTP/1.1\r\n") && Contains("Host: ") && Contains("Content-Type: application/json"));
    CHECK(json(seen.substr(seen.find("\r\n\r\n") + 4)) == json("{'jsonrpc': '2.0', 'id': 1, 'method': 'getVm', 'params': {'vmId': 'x'}}"));
}

TEST_CASE("R1: calls of one client share a connection")
{
    const FakeServer server(echoPing);
    Client client(server.path());
    for (int i = 0; i < 100; ++i)
        REQUIRE(client.call("ping", Json::objectValue, wait)["a"][1] == "ä");
    CHECK(server.connections() == 1);
}

TEST_CASE("R1: a connection that the server has closed meanwhile is opened again")
{
    const FakeServer server([](Peer& peer) { peer.reply(resultFor(peer.request(), "{}")); });
    Client client(server.path());
    for (int i = 1; i <= 3; ++i) {
        client.call("ping", Json::objectValue, wait);
        // The hang-up comes a little after the reply.
        while (server.hungUp() < i)
            std::this_thread::yield();
    }
    CHECK(server.connections() == 3);
}

TEST_CASE("W: without a daemon the sentence says why and what to do")
{
    const auto sentenceFor = [](const std::string& path) {
        try {
            Client(path).call("ping", Json::objectValue, wait);
        } catch (const NoDaemon& error) {
            return error.sentence().what + '|' + error.sentence().why + '|' + error.sentence().next;
        }
        return std::string("none");
    };
    FakeServer stopped([](Peer&) {});
    stopped.stop();
    CHECK_THAT(sentenceFor("/nowhere/hotplugd.sock"), Contains("/nowhere/hotplugd.sock") && Contains("no such socket") && Contains("systemctl start"));
    CHECK_THAT(sentenceFor(stopped.path()), Contains("nobody listens") && Contains("systemctl start"));
    CHECK_THAT(sentenceFor(std::string(200, 'x')), Contains("longer than"));
}

TEST_CASE("W: a reply in pieces is put together")
{
    const FakeServer server([](Peer& peer) {
        const std::string body = resultFor(peer.request(), "{\"whole\": true}");
        for (const char byte : "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body)
            peer.send(std::string(1, byte));
    });
    CHECK(ping(server)["whole"] == true);
}

TEST_CASE("W: a reply of many megabytes is read, one beyond all reason is not")
{
    const FakeServer large([](Peer& peer) {
        peer.reply(resultFor(peer.request(), "{\"a\": \"" + std::string(8 << 20, 'x') + "\"}"));
    });
    CHECK(ping(large)["a"].asString().size() == 8 << 20);
    const FakeServer tooLarge(sends("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"));
    CHECK_THROWS_AS(ping(tooLarge), BadReply);
}

TEST_CASE("W: an answer that stays out is told from a daemon that is not there")
{
    for (const std::string part : {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"}) {
        INFO(part);
        const FakeServer hangsUp(sends(part));
        CHECK_THROWS_AS(ping(hangsUp), NoAnswer);
        const FakeServer silent([=](Peer& peer) {
            peer.request();
            peer.send(part);
            peer.awaitEnd();
        });
        CHECK_THROWS_AS(ping(silent, shortWait), NoAnswer);
    }
    const FakeServer neverAccepts;
    CHECK_THROWS_AS(ping(neverAccepts, shortWait), NoAnswer);
}

TEST_CASE("W: after a failed call the client connects anew")
{
    int calls = 0;
    const FakeServer server([&](Peer& peer) {
        const std::string request = peer.request();
        if (++calls == 1)
            peer.awaitEnd();
        else
            peer.reply(resultFor(request, "{}"));
    });
    Client client(server.path());
    CHECK_THROWS_AS(client.call("ping", Json::objectValue, shortWait), NoAnswer);
    CHECK_NOTHROW(client.call("ping", Json::objectValue, wait));
}

TEST_CASE("W: what is not hotplugd's protocol is a bad reply")
{
    const std::string bodies[] = {
        "", "garbage", "[]", "{}", "3", "{\"jsonrpc\":\"2.0\",\"id\":1}", "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}",
        "{\"jsonrpc\":\"1.0\",\"id\":1,\"result\":{}}", "{\"id\":1,\"result\":{}}", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}x",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":3}", "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":\"x\",\"message\":\"m\"}}",
        std::string(5000, '['),
    };
    for (const std::string& body : bodies) {
        INFO(body);
        const FakeServer server(answers(body));
        CHECK_THROWS_AS(ping(server), BadReply);
    }
    const FakeServer noHttp(sends("SSH-2.0-OpenSSH_9.2\r\n"));
    CHECK_THROWS_AS(ping(noHttp), BadReply);
}

TEST_CASE("R5: an error object is thrown as it came")
{
    const FakeServer server(answers(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error","data":{"a":1}}})"));
    try {
        ping(server);
        FAIL("nothing was thrown");
    } catch (const RpcError& error) {
        CHECK(error.code() == -32700);
        CHECK(error.asJson() == json("{'code': -32700, 'message': 'Parse error', 'data': {'a': 1}}"));
    }
}

TEST_CASE("W: the server's own replies are sentences")
{
    const FakeServer busy(answers("Too many connections.", "503 Service Unavailable"));
    CHECK_THROWS_AS(ping(busy), NoDaemon);
    const FakeServer strict(answers("Too long.", "413 Payload Too Large"));
    CHECK_THROWS_AS(ping(strict), BadReply);
    const HttpReply reply = Client(strict.path()).post("{", wait);
    CHECK(reply.status == 413);
    CHECK(reply.body == "Too long.");
}

TEST_CASE("W: a server that refuses a long request before reading it is heard")
{
    const FakeServer server([](Peer& peer) {
        peer.reply("Too long.", "413 Payload Too Large");
        peer.awaitEnd();
    });
    CHECK(Client(server.path()).post(std::string(4 << 20, ' '), wait).status == 413);
}
