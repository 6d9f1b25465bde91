#include "wire/jsonrpc/endpoint.h"

#include "support/catch.h"
#include "wire/jsonrpc/shield.h"

#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>

using namespace hotplug;
using namespace hotplug::wire;
using server::Reply;
using server::Request;

namespace {

/// Methods that wait until the gate is opened.
class Gate {
public:
    void pass()
    {
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
    }
    void awaitWaiting(int count)
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return waiting_ >= count; });
    }
    void open()
    {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int waiting_ = 0;
    bool open_ = false;
};

Json::Value ok()
{
    return Json::Value("ok");
}

std::vector<Method> methods(Gate& gate)
{
    return {
        {"read", false, [](const Json::Value&, const CallInfo&) { return ok(); }},
        {"slowQuick", false, [&gate](const Json::Value&, const CallInfo&) { gate.pass(); return ok(); }},
        {"waitingRead", false, [&gate](const Json::Value&, const CallInfo&) { gate.pass(); return ok(); }, false, true},
        {"watch", false, [&gate](const Json::Value&, const CallInfo& info) {
            if (info.awaited)
                gate.pass();
            return Json::Value(info.awaited);
        }, true},
        {"change", true, [&gate](const Json::Value&, const CallInfo&) { gate.pass(); return ok(); }},
        {"who", false, [](const Json::Value&, const CallInfo& info) { return Json::Value(info.peer.pid); }},
    };
}

RpcError translate(const std::string&, const Refusal& refusal)
{
    Json::Value data;
    data["reason"] = std::string(nameOf(refusal.reason()));
    return {45, refusal.what(), data};
}

std::string call(const std::string& method)
{
    return R"({"jsonrpc":"2.0","method":")" + method + R"(","id":1})";
}

Request post(std::string body)
{
    Request request;
    request.method = "POST";
    request.target = "/rpc";
    request.body = std::move(body);
    request.peer.pid = 4711;
    request.arrival = Clock::now();
    return request;
}

class Fixture {
public:
    explicit Fixture(const EndpointLimits& limits = {}) : endpoint(methods(gate), translate, limits) {}
    ~Fixture() { gate.open(); }

    std::future<Reply> send(Request request)
    {
        auto promise = std::make_shared<std::promise<Reply>>();
        endpoint.handle(std::move(request), [promise](Reply reply) { promise->set_value(std::move(reply)); });
        return promise->get_future();
    }
    Reply ask(Request request) { return send(std::move(request)).get(); }

    Gate gate;
    RpcEndpoint endpoint;
};

} // namespace

TEST_CASE("R1: JSON-RPC is spoken at /rpc, by POST, whatever the content type")
{
    Fixture fixture;
    auto request = post(call("read"));
    request.contentType = GENERATE(as<std::string>{}, "", "application/json", "application/x-www-form-urlencoded");
    const auto reply = fixture.ask(request);
    CHECK(reply.status == 200);
    CHECK(reply.contentType == "application/json");
    CHECK(parseShielded(reply.body)["result"] == "ok");
}

TEST_CASE("R1: other methods and other places are answered as HTTP says")
{
    Fixture fixture;
    auto request = post(call("read"));
    request.method = "GET";
    CHECK(fixture.ask(request).status == 405);
    CHECK(fixture.ask(request).allow == "POST");
    request.target = GENERATE(as<std::string>{}, "/", "/rpc/", "/rpc?x", "");
    CHECK(fixture.ask(request).status == 404);
}

TEST_CASE("R7: nothing to answer is 204, malformed JSON is 200 with -32700")
{
    Fixture fixture;
    const auto none = fixture.ask(post(R"({"jsonrpc":"2.0","method":"read"})"));
    CHECK(none.status == 204);
    CHECK(none.body.empty());
    const auto malformed = fixture.ask(post("{"));
    CHECK(malformed.status == 200);
    CHECK(parseShielded(malformed.body)["error"]["code"] == parseErrorCode);
}

TEST_CASE("R5: methods learn who called")
{
    Fixture fixture;
    CHECK(parseShielded(fixture.ask(post(call("who"))).body)["result"] == 4711);
}

TEST_CASE("K6: changes that wait keep no reader waiting, and one too many is TOO_BUSY at once")
{
    Fixture fixture(EndpointLimits{.quickThreads = 1, .maxQueued = 64, .maxPatient = 3});
    std::vector<std::future<Reply>> waiting;
    for (int i = 0; i < 3; ++i)
        waiting.push_back(fixture.send(post(call("change"))));
    fixture.gate.awaitWaiting(3);

    CHECK(parseShielded(fixture.ask(post(call("read"))).body)["result"] == "ok");
    const auto busy = parseShielded(fixture.ask(post(call("change"))).body);
    CHECK(busy["error"]["data"]["reason"] == "TOO_BUSY");
    CHECK(busy["id"] == 1);

    fixture.gate.open();
    for (auto& one : waiting)
        CHECK(parseShielded(one.get().body)["result"] == "ok");
}

TEST_CASE("K6: reads that libvirt does not answer keep nobody waiting, and one too many is TOO_BUSY at once")
{
    Fixture fixture(EndpointLimits{.quickThreads = 1, .maxQueued = 64, .maxReading = 3, .maxPatient = 1});
    std::vector<std::future<Reply>> waiting;
    for (const auto& body : {call("waitingRead"), "[" + call("read") + "," + call("waitingRead") + "]",
             std::string(R"({"jsonrpc":"2.0","method":"waitingRead"})")})
        waiting.push_back(fixture.send(post(body)));
    fixture.gate.awaitWaiting(3);

    CHECK(parseShielded(fixture.ask(post(call("read"))).body)["result"] == "ok");
    CHECK(parseShielded(fixture.ask(post(call("waitingRead"))).body)["error"]["data"]["reason"] == "TOO_BUSY");
    auto change = fixture.send(post(call("change")));
    fixture.gate.awaitWaiting(4);

    fixture.gate.open();
    CHECK(parseShielded(change.get().body)["result"] == "ok");
    CHECK(parseShielded(waiting[0].get().body)["result"] == "ok");
    CHECK(parseShielded(waiting[1].get().body)[1]["result"] == "ok");
    CHECK(waiting[2].get().status == 204);
}

TEST_CASE("K9: watchers wait as changes do, and keep no reader waiting")
{
    Fixture fixture(EndpointLimits{.quickThreads = 1, .maxQueued = 64, .maxPatient = 1});
    auto watching = fixture.send(post(call("watch")));
    fixture.gate.awaitWaiting(1);
    CHECK(parseShielded(fixture.ask(post(call("read"))).body)["result"] == "ok");
    CHECK(parseShielded(fixture.ask(post(call("watch"))).body)["error"]["data"]["reason"] == "TOO_BUSY");
    CHECK(parseShielded(fixture.ask(post("[" + call("watch") + "," + call("read") + "]")).body)[0]["result"] == false);
    CHECK(fixture.ask(post(R"({"jsonrpc":"2.0","method":"watch"})")).status == 204);
    fixture.gate.open();
    CHECK(parseShielded(watching.get().body)["result"] == true);
}

TEST_CASE("K6: when nobody is free to read a request, it is answered with 503 at once")
{
    Fixture fixture(EndpointLimits{.quickThreads = 1, .maxQueued = 2, .maxPatient = 1});
    std::vector<std::future<Reply>> waiting;
    waiting.push_back(fixture.send(post(call("slowQuick"))));
    fixture.gate.awaitWaiting(1);
    for (int i = 0; i < 2; ++i)
        waiting.push_back(fixture.send(post(call("read"))));

    const auto busy = fixture.ask(post(call("read")));
    CHECK(busy.status == 503);
    CHECK(parseShielded(busy.body)["error"]["data"]["reason"] == "TOO_BUSY");
    fixture.gate.open();
    for (auto& one : waiting)
        CHECK(one.get().status == 200);
}

TEST_CASE("R7: what was taken is answered before the endpoint is gone")
{
    std::future<Reply> late;
    {
        Fixture fixture;
        late = fixture.send(post(call("change")));
    }
    CHECK(late.get().status == 200);
}

TEST_CASE("A drained endpoint has answered what it took, and turns the rest away")
{
    Fixture fixture;
    auto change = fixture.send(post(call("change")));
    fixture.gate.awaitWaiting(1);
    CHECK_FALSE(fixture.endpoint.drain(milliseconds{10}));
    CHECK(fixture.ask(post(call("read"))).status == 503);
    fixture.gate.open();
    CHECK(fixture.endpoint.drain(milliseconds{5000}));
    CHECK(parseShielded(change.get().body)["result"] == "ok");
}
