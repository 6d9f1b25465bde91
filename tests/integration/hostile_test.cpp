#include "requests.h"
#include "support/bridge.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/test_vm.h"

#include "hotplugctl/errors.h"
#include "hotplugctl/format/json_text.h"

#include <random>

// Whatever comes in, every request gets an answer and the daemon stays well.

using namespace hotplug::test;
using hotplug::ctl::compactJson;

namespace {

std::string repeated(const std::string& text, int times)
{
    std::string all;
    for (int i = 0; i < times; ++i)
        all += text;
    return all;
}

std::string request(const std::string& params, const std::string& method = "\"hotplugDisk\"")
{
    return R"({"jsonrpc":"2.0","id":1,"method":)" + method + R"(,"params":)" + params + "}";
}

std::vector<std::string> hostileBodies()
{
    return {
        "", " ", "{", "}", "[", "null", "true", "0", "\"x\"", "{}", "[]", "[[]]", "[1,2,3]", "nonsense",
        repeated("[", 100'000), repeated("{\"a\":", 50'000), "[" + repeated("0,", 500'000) + "0]",
        request(repeated("[", 63) + repeated("]", 63)), request(repeated("{\"a\":", 1000) + "1" + repeated("}", 1000)),
        request("{\"vmId\":\"\xff\xfe\"}"), request("{\"vmId\":\"\xc3\"}"), request("{\"vmId\":\"\xed\xa0\x80\"}"),
        request(R"({"vmId":"\u0000"})"), request(R"({"vmId":"\ud800"})"), request(R"({"vmId":1e400})"),
        request(R"({"vmId":99999999999999999999999999999999999999})"), request("{/* */}"),
        request("{}") + request("{}"),
        request("{\"vmId\":\"" + std::string(900'000, 'a') + "\"}"),
        request("{\"" + std::string(500'000, 'k') + "\":1}"),
        request(R"({"vmId":"a","vmId":"b"})"), request("[]"), request("null"), request("\"x\""), request("{}", "1"),
        request("{}", "null"), request("{}", "\"rpc.discover\""),
        request("{}", "\"" + std::string(100'000, 'm') + "\""),
        R"({"jsonrpc":"1.0","id":1,"method":"ping"})", R"({"id":1,"method":"ping","params":[]})",
        R"({"jsonrpc":"2.0","id":{},"method":"ping"})", R"({"jsonrpc":"2.0","id":[1],"method":"ping","params":{}})",
        "\xef\xbb\xbf{}", std::string("{\0}", 3),
    };
}

Json::Value pings(unsigned count)
{
    Json::Value batch(Json::arrayValue);
    for (unsigned i = 0; i < count; ++i)
        batch.append(object({{"jsonrpc", "2.0"}, {"id", i}, {"method", "ping"}, {"params", object({})}}));
    return batch;
}

/// A member after the other is replaced by values of every JSON type; one level of dictionaries is entered.
std::vector<Json::Value> withWrongTypes(const Json::Value& params)
{
    Json::Value nested(Json::arrayValue);
    nested.append(Json::Value(Json::objectValue));
    const std::vector<Json::Value> wrong{Json::Value(), true, -1, 1e300, Json::Value(Json::UInt64(-1)), "\n'\"<&>",
        std::string(5000, 'x'), nested, object({{"a", 1}})};
    std::vector<Json::Value> all;
    for (const auto& name : params.getMemberNames()) {
        for (const auto& value : wrong) {
            all.push_back(params);
            all.back()[name] = value;
        }
        if (!params[name].isObject())
            continue;
        for (const auto& inner : withWrongTypes(params[name])) {
            all.push_back(params);
            all.back()[name] = inner;
        }
    }
    return all;
}

} // namespace

TEST_CASE("R7: malformed and hostile bodies are answered and leave the daemon well", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    for (const auto& body : hostileBodies()) {
        INFO(body.substr(0, 80));
        const auto reply = daemon.post(body);
        CHECK(reply.status == 200);
        CHECK(reply.body.find("\"error\"") != std::string::npos);
        CHECK(reply.body.find("-32603") == std::string::npos);
        daemon.must("ping", object({}));
    }
    CHECK(daemon.post(std::string(2 << 20, ' ')).status == 413);

    // A thousand already have more structure than anything is read with; a hundred and one are just too many.
    CHECK(daemon.postJson(compactJson(pings(1000)))["error"]["code"].asInt() == -32700);
    CHECK(daemon.postJson(compactJson(pings(101)))["error"]["code"].asInt() == -32600);
    CHECK(daemon.postJson(compactJson(pings(100))).size() == 100);
    const auto notified = daemon.post(R"({"jsonrpc":"2.0","method":"ping","params":{}})");
    CHECK(notified.status == 204);
    CHECK(notified.body.empty());
    CHECK(daemon.postJson(R"({"jsonrpc":"2.0","id":1,"method":"fly","params":{}})")["error"]["code"].asInt() == -32601);
    daemon.must("ping", object({}));
}

TEST_CASE("R7 R8: params of wrong types in every place are refused and change nothing", "[integration]")
{
    TestHost host;
    Bridge bridge;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    const auto address = object({{"type", "pci"}, {"bus", "0x03"}, {"slot", "0"}});
    const auto ioTune = object({{"ioTune", object({{"total_bytes_sec", "1000"}})}});
    const auto disk = drive(makeRaw(host.imageRoot() / "d.img"), {{"serial", "S"}, {"address", address},
        {"bootOrder", "5"}, {"cache", "none"}, {"specParams", ioTune}, {"shared", "false"}, {"iface", "virtio"}});
    const auto card = nic(bridge.name(), {{"macAddr", "52:54:00:00:00:01"}, {"nicModel", "pv"}, {"mtu", "1500"}});

    for (const auto& [verb, good] : {std::pair{"hotplugDisk", disk}, {"hotplugNic", card}, {"hotunplugDisk", disk}}) {
        const auto whole = with(good, {{"vmId", vm.id()}, {"timeout", 1000}, {"dryRun", true}, {"persist", true}});
        for (auto params : withWrongTypes(whole)) {
            if (!params["dryRun"].isBool())
                params["vmId"] = "00000000-0000-4000-8000-000000000000";    // must not be carried out
            INFO(verb << " " << compactJson(params).substr(0, 300));
            const auto reply = daemon.call(verb, params);
            CHECK(reply.reason() != "INTERNAL");
            CHECK(reply.code() != -32603);
        }
    }
    vm.must("hotplugDisk", disk);                   // the good one still is
    vm.must("hotplugNic", card);
}

TEST_CASE("R7: requests with random damage are answered and leave the daemon well", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    const auto seed = std::random_device{}();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto nobody = "00000000-0000-4000-8000-000000000000";
    const auto whole = request(compactJson(with(drive("/nowhere"), {{"vmId", nobody}})));
    for (int i = 0; i < 1000; ++i) {
        auto body = whole;
        for (unsigned damage = 1 + random() % 4; damage > 0; --damage)
            body[random() % body.size()] = static_cast<char>(random() % 256);
        if (random() % 4 == 0)
            body.resize(random() % body.size());
        const auto reply = daemon.post(body);
        INFO(body);
        const bool answered = reply.status == 200 && reply.body.find("\"error\"") != std::string::npos;
        CHECK((answered || reply.status == 204));   // a damaged id makes a notification
        CHECK(reply.body.find("-32603") == std::string::npos);
    }
    daemon.must("ping", object({}));
}
