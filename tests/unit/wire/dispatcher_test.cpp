#include "wire/jsonrpc/dispatcher.h"

#include "support/catch.h"
#include "wire/jsonrpc/shield.h"

#include <atomic>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

using namespace hotplug;
using namespace hotplug::wire;

namespace {

RpcError translate(const std::string& method, const Refusal& refusal)
{
    Json::Value data;
    data["reason"] = std::string(nameOf(refusal.reason()));
    return {45, "Failed to " + method + ": " + refusal.what(), data};
}

Json::Value subtract(const Json::Value& params)
{
    if (params.isArray())
        return params[0].asInt() - params[1].asInt();
    return params["minuend"].asInt() - params["subtrahend"].asInt();
}

Json::Value sum(const Json::Value& params)
{
    int total = 0;
    for (const auto& one : params)
        total += one.asInt();
    return total;
}

Json::Value getData()
{
    Json::Value data;
    data.append("hello");
    data.append(5);
    return data;
}

/// The methods of the specification's examples, and some that misbehave.
class Fixture {
public:
    std::string ask(const std::string& text, Dispatcher::Slow slow = Dispatcher::Slow::Run)
    {
        try {
            return dispatcher.answer(parseShielded(text), CallInfo{}, slow);
        } catch (const RpcError& error) {
            return errorReply(error);
        }
    }
    Json::Value json(const std::string& text) { return parseShielded(ask(text)); }

    int notified = 0;
    Dispatcher dispatcher{methods(), translate};

private:
    std::vector<Method> methods()
    {
        const auto notify = [this](const Json::Value&, const CallInfo&) { return Json::Value(++notified); };
        return {
            {"subtract", false, [](const Json::Value& params, const CallInfo&) { return subtract(params); }},
            {"sum", false, [](const Json::Value& params, const CallInfo&) { return sum(params); }},
            {"get_data", false, [](const Json::Value&, const CallInfo&) { return getData(); }},
            {"update", false, notify}, {"notify_sum", false, notify}, {"notify_hello", false, notify},
            {"change", true, notify},
            {"invalid", false, [](const Json::Value&, const CallInfo&) -> Json::Value { throw InvalidParams("/a/b", "is wrong"); }},
            {"refuse", true, [](const Json::Value&, const CallInfo&) -> Json::Value { throw Refusal(Reason::VmNotUp, "start it"); }},
            {"internal", false, [](const Json::Value&, const CallInfo&) -> Json::Value { throw RpcError(internalErrorCode); }},
            {"logic", false, [](const Json::Value&, const CallInfo&) { return Json::Value(Json::Value("x").asInt()); }},
            {"throwInt", false, [](const Json::Value&, const CallInfo&) -> Json::Value { throw 42; }},
            {"text", false, [](const Json::Value&, const CallInfo&) { return Json::Value("\xff bad \xc3\xa4 \x01"); }},
        };
    }
};

/// What is logged while it lives.
class CapturedLog {
public:
    CapturedLog() : before_(spdlog::default_logger())
    {
        spdlog::set_default_logger(std::make_shared<spdlog::logger>("captured", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)));
    }
    ~CapturedLog() { spdlog::set_default_logger(before_); }
    std::string text() const { return text_.str(); }

private:
    std::ostringstream text_;
    std::shared_ptr<spdlog::logger> before_;
};

std::string request(const std::string& method, const std::string& rest = R"(,"id":1)")
{
    return R"({"jsonrpc":"2.0","method":")" + method + "\"" + rest + "}";
}

std::string batch(const std::string& one, int times)
{
    std::string text = "[";
    for (int i = 0; i < times; ++i)
        text += (i > 0 ? "," : "") + one;
    return text + "]";
}

} // namespace

TEST_CASE_METHOD(Fixture, "R7: every example of the JSON-RPC 2.0 specification is answered as it says")
{
    struct Example {
        std::string request, reply;         ///< No reply: empty.
    };
    const auto example = GENERATE(values<Example>({
        {R"({"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1})", R"({"jsonrpc": "2.0", "result": 19, "id": 1})"},
        {R"({"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2})", R"({"jsonrpc": "2.0", "result": -19, "id": 2})"},
        {R"({"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": 3})", R"({"jsonrpc": "2.0", "result": 19, "id": 3})"},
        {R"({"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42, "subtrahend": 23}, "id": 4})", R"({"jsonrpc": "2.0", "result": 19, "id": 4})"},
        {R"({"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]})", ""},
        {R"({"jsonrpc": "2.0", "method": "foobar"})", ""},
        {R"({"jsonrpc": "2.0", "method": "foobar", "id": "1"})", R"({"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": "1"})"},
        {R"({"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz])", R"({"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": null})"},
        {R"({"jsonrpc": "2.0", "method": 1, "params": "bar"})", R"({"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null})"},
        {R"([{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"}, {"jsonrpc": "2.0", "method"])", R"({"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": null})"},
        {"[]", R"({"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null})"},
        {"[1]", R"([{"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}])"},
        {"[1,2,3]", R"([{"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null},
            {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null},
            {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null}])"},
        {R"([{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
            {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
            {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
            {"foo": "boo"},
            {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
            {"jsonrpc": "2.0", "method": "get_data", "id": "9"}])",
         R"([{"jsonrpc": "2.0", "result": 7, "id": "1"},
            {"jsonrpc": "2.0", "result": 19, "id": "2"},
            {"jsonrpc": "2.0", "error": {"code": -32600, "message": "Invalid Request"}, "id": null},
            {"jsonrpc": "2.0", "error": {"code": -32601, "message": "Method not found"}, "id": "5"},
            {"jsonrpc": "2.0", "result": ["hello", 5], "id": "9"}])"},
        {R"([{"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]}, {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}])", ""},
    }));
    CAPTURE(example.request);
    const auto reply = ask(example.request);
    if (example.reply.empty()) {
        CHECK(reply.empty());
        return;
    }
    auto got = parseShielded(reply);
    if (got.isObject())
        got["error"].removeMember("data");      // what exactly was wrong, which the specification leaves to us
    if (got.isObject() && got["error"].isNull())
        got.removeMember("error");
    CHECK(got == parseShielded(example.reply));
}

TEST_CASE_METHOD(Fixture, "R7: a notification is executed and not answered")
{
    CHECK(ask(request("update", "")).empty());
    CHECK(ask(request("refuse", "")).empty());
    CHECK(notified == 1);
}

TEST_CASE_METHOD(Fixture, "R7: an id comes back as it was")
{
    const std::string id = GENERATE(as<std::string>{}, "0", "1", "-1", "4294967296", "18446744073709551615", "-9223372036854775808",
        "1.5", "null", "\"\"", R"("\u00e4\ud83d\ude00")");
    const auto method = GENERATE(as<std::string>{}, "get_data", "foobar", "refuse", "invalid");
    const auto reply = json(request(method, ",\"id\":" + id));
    CHECK(reply["id"] == parseShielded(id));
}

TEST_CASE_METHOD(Fixture, "R7: what is no Request object is -32600 with id null")
{
    const std::string text = GENERATE(as<std::string>{}, "1", "\"a\"", "null", "{}", R"({"jsonrpc":"2.0"})",
        R"({"jsonrpc":"1.0","method":"update","id":1})", R"({"jsonrpc":2.0,"method":"update","id":1})", R"({"method":"update","id":1})",
        R"({"jsonrpc":"2.0","method":null,"id":1})", R"({"jsonrpc":"2.0","method":"update","id":[]})",
        R"({"jsonrpc":"2.0","method":"update","id":{}})", R"({"jsonrpc":"2.0","method":"update","id":true})",
        R"({"jsonrpc":"2.0","method":"update","params":1,"id":1})", R"({"jsonrpc":"2.0","method":"update","params":null,"id":1})");
    CAPTURE(text);
    const auto reply = json(text);
    CHECK(reply["error"]["code"] == invalidRequestCode);
    CHECK(reply["id"].isNull());
    CHECK(notified == 0);
}

TEST_CASE_METHOD(Fixture, "R7: a batch has at most 100 requests, 16 of which change something")
{
    CHECK(json(batch(request("update"), 100)).size() == 100);
    CHECK(json(batch(request("update"), 101))["error"]["code"] == invalidRequestCode);
    CHECK(json(batch(request("change"), 16)).size() == 16);
    CHECK(json(batch(request("change", ""), 17))["error"]["code"] == invalidRequestCode);
    CHECK(notified == 116);
}

TEST_CASE_METHOD(Fixture, "R7: a batch runs in its order")
{
    const auto replies = json("[" + request("update", R"(,"id":"a")") + "," + request("update", "") + "," + request("update", R"(,"id":"b")") + "]");
    CHECK(replies[0]["result"] == 1);
    CHECK(replies[1]["result"] == 3);
}

TEST_CASE_METHOD(Fixture, "R7: params that do not fit are -32602 with where and what")
{
    const auto error = json(request("invalid"))["error"];
    CHECK(error["code"] == invalidParamsCode);
    CHECK(error["message"] == "Invalid params");
    CHECK(error["data"]["errors"][0]["at"] == "/a/b");
    CHECK(error["data"]["errors"][0]["problem"] == "is wrong");
}

TEST_CASE_METHOD(Fixture, "R7: no exception out of a method gets further than its reply")
{
    const CapturedLog log;
    const auto method = GENERATE(as<std::string>{}, "logic", "throwInt");
    const auto error = json(request(method))["error"];
    CHECK(error["code"] == 45);
    CHECK(error["data"]["reason"] == "INTERNAL");
    CHECK(ask(request(method, "")).empty());        // as a notification
    CHECK(log.text().find("INTERNAL: method " + method) != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "R5: a refusal is translated for its method")
{
    const auto error = json(request("refuse"))["error"];
    CHECK(error["code"] == 45);
    CHECK(error["message"] == "Failed to refuse: start it");
    CHECK(error["data"]["reason"] == "VM_NOT_UP");
    CHECK(json(request("internal"))["error"]["message"] == "Internal error");
}

TEST_CASE_METHOD(Fixture, "R5: when no thread is left, changing methods are TOO_BUSY and others run")
{
    const auto reply = parseShielded(ask("[" + request("change") + "," + request("get_data") + "]", Dispatcher::Slow::TurnAway));
    CHECK(reply[0]["error"]["data"]["reason"] == "TOO_BUSY");
    CHECK(reply[1]["result"][0] == "hello");
    CHECK(notified == 0);
}

TEST_CASE_METHOD(Fixture, "R7: text that is no UTF-8 leaves as valid JSON")
{
    CHECK_NOTHROW(json(request("text")));
    CHECK_NOTHROW(json(request("text", ",\"id\":-1")));
}

TEST_CASE_METHOD(Fixture, "R7: calls from many threads do not meet")
{
    std::vector<std::thread> threads;
    std::atomic<int> wrong = 0;
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 200; ++i) {
                const auto text = request("subtract", R"(,"params":[)" + std::to_string(t) + "," + std::to_string(i) + R"(],"id":)" + std::to_string(i));
                const auto reply = json(text);
                wrong += reply["id"] != i || reply["result"] != t - i;
            }
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(wrong == 0);
}
