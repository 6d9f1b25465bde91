#include "unit/wire/rpc_world.h"

#include <thread>

using namespace hotplug;
using namespace hotplug::test;

namespace {

constexpr const char* someDrive = ",'drive':{'iface':'virtio','format':'raw','path':'/images/a','deviceId':'d1'}";
constexpr const char* noOperation = "{'operationId':'00000000-0000-4000-8000-000000000009'}";

/// With a disk whose unplug the guest does not answer.
class PendingWorld : public World {
public:
    PendingWorld()
    {
        onVm("hotplugDisk", someDrive);
        hypervisor.scriptUnplug(*Uuid::parse(vmText), {.asks = 0});
        pending = onVm("hotunplugDisk", ",'deviceId':'d1','timeout':100,'requestId':'r-2'")["error"]["data"]["operationId"].asString();
    }
    std::string operation() const { return "{'operationId':'" + pending + "'}"; }

    std::string pending;
};

std::vector<std::string> kindsOf(const Json::Value& events)
{
    std::vector<std::string> kinds;
    for (const auto& event : events)
        kinds.push_back(event["kind"].asString());
    return kinds;
}

using Kinds = std::vector<std::string>;

} // namespace

TEST_CASE_METHOD(World, "R3: a repeated request is answered with the first one's outcome, under either name of the verb")
{
    const auto request = std::string(someDrive) + ",'requestId':'r-1'";
    const auto first = onVm("hotplugDisk", request)["result"];
    const auto again = onVm("hotplugDisk", request + ",'timeout':500")["result"];
    CHECK(again["operationId"] == first["operationId"]);
    CHECK(again["device"] == first["device"]);
    const auto engine = call("VM.hotplugDisk", std::string("{'vmID':'") + vmText + "','params':{'vmId':'" + vmText + "'" + request + "}}");
    CHECK(engine["result"]["operationId"] == first["operationId"]);
    CHECK(hypervisor.count(hotplug::test::Method::Attach) == 1);
}

TEST_CASE_METHOD(World, "R3: a request id with other params or another verb is refused, and names the operation")
{
    const auto first = onVm("hotplugDisk", std::string(someDrive) + ",'requestId':'r-1'")["result"]["operationId"];
    const auto other = onVm("hotplugDisk", ",'drive':{'format':'raw','path':'/images/b'},'requestId':'r-1'")["error"];
    CHECK(other["code"] == 45);
    CHECK(other["data"]["reason"] == "REQUEST_ID_REUSED");
    CHECK(other["data"]["field"] == "/requestId");
    CHECK(other["data"]["conflictsWith"] == first);
    CHECK(onVm("hotunplugDisk", ",'deviceId':'d1','requestId':'r-1'")["error"]["data"]["reason"] == "REQUEST_ID_REUSED");
    CHECK(onVm("hotunplugDisk", ",'deviceId':'d1','requestId':'a\\u0007'")["error"]["data"]["errors"][0]["at"] == "/requestId");
}

TEST_CASE_METHOD(World, "R3 R8: a dry run neither looks a request id up nor uses it up")
{
    const auto request = std::string(someDrive) + ",'requestId':'r-1'";
    CHECK(onVm("hotplugDisk", request + ",'dryRun':true")["result"]["plans"].size() == 1);
    CHECK(onVm("hotplugDisk", request)["result"]["operationId"].isString());
    CHECK(onVm("hotplugDisk", request + ",'dryRun':true")["error"]["data"]["reason"] == "ALREADY_PLUGGED");
}

TEST_CASE_METHOD(World, "R3 R4: a repeated plug of a NIC has what engines read, also when the MAC was drawn")
{
    const std::string request = ",'nic':{'network':'blue','deviceId':'n1'},'requestId':'r-1'";
    const auto first = onVm("hotplugNic", request)["result"];
    const auto again = onVm("hotplugNic", request)["result"];
    CHECK(again["devices"] == first["devices"]);
    CHECK(again["xml"].asString().find(first["device"]["macAddr"].asString()) != std::string::npos);
    CHECK(hypervisor.count(hotplug::test::Method::Attach) == 1);
}

TEST_CASE_METHOD(PendingWorld, "R3 K3: a dry run of a plug says what is still on its way out, as the plug itself does")
{
    for (const std::string dryRun : {"true", "false"}) {
        const auto refused = onVm("hotplugDisk", std::string(someDrive) + ",'dryRun':" + dryRun)["error"]["data"];
        CHECK(refused["reason"] == "HAS_PENDING_UNPLUG");
        CHECK(refused["conflictsWith"] == "ua-d1");
    }
}

TEST_CASE_METHOD(World, "R3 P5: a dry run leaves an address alone that has just been released, as the plug itself does")
{
    const auto plugged = onVm("hotplugDisk", someDrive)["result"]["device"];
    onVm("hotunplugDisk", ",'deviceId':'d1'");
    const auto planned = onVm("hotplugDisk", std::string(someDrive) + ",'dryRun':true")["result"]["plan"];
    CHECK(planned["address"] != plugged["address"]);
    CHECK(onVm("hotplugDisk", someDrive)["result"]["device"]["address"] == planned["address"]);
}

TEST_CASE_METHOD(PendingWorld, "R3: a repeated request joins the first one while it is pending")
{
    const auto joined = onVm("hotunplugDisk", ",'deviceId':'d1','timeout':100,'requestId':'r-2'")["error"]["data"];
    CHECK(joined["operationId"] == pending);
    CHECK(joined["outcome"] == "pending");
}

TEST_CASE_METHOD(PendingWorld, "K9 W: listOperations has the newest first, of a VM, open ones, as many as asked for")
{
    const auto all = call("listOperations", "{}")["result"]["operations"];
    REQUIRE(all.size() == 2);
    CHECK(all[0]["operationId"] == pending);
    CHECK(all[0]["verb"] == "hotunplugDisk");
    CHECK(all[0]["outcome"] == "pending");
    CHECK(all[0]["reason"] == "GUEST_NOT_RESPONDING");
    CHECK(all[0]["requestId"] == "r-2");
    CHECK_FALSE(all[0].isMember("settledAt"));
    CHECK(all[1]["outcome"] == "done");
    CHECK(all[1]["devices"][0]["alias"] == "ua-d1");
    CHECK(all[1]["devices"][0]["address"]["type"] == "pci");
    CHECK(all[1]["openedAt"].asString().size() == std::string("2026-03-01T12:00:00.250Z").size());
    CHECK(all[1]["settledAt"].asString().ends_with("Z"));

    CHECK(call("listOperations", "{'open':true}")["result"]["operations"].size() == 1);
    CHECK(call("listOperations", "{'limit':1}")["result"]["operations"].size() == 1);
    CHECK(onVm("listOperations", "")["result"]["operations"].size() == 2);
    CHECK(call("listOperations", "{'vmId':'00000000-0000-0000-0000-000000000009'}")["result"]["operations"].empty());
    CHECK(call("listOperations", "{'vmId':'junk'}")["error"]["data"]["errors"][0]["at"] == "/vmId");
    CHECK(call("listOperations", "{'limit':1001}")["error"]["data"]["errors"][0]["at"] == "/limit");
}

TEST_CASE_METHOD(World, "K9: getOperation and listOperations say pending as soon as the caller was told so")
{
    hypervisor.hang(*Uuid::parse(vmText));      // its lane notes nothing
    const auto told = onVm("hotplugDisk", std::string(someDrive) + ",'timeout':100")["error"]["data"];
    CHECK(told["outcome"] == "pending");
    const auto operation = call("getOperation", "{'operationId':'" + told["operationId"].asString() + "'}")["result"];
    CHECK(operation["outcome"] == "pending");
    CHECK(operation["reason"] == told["reason"]);
    CHECK(call("listOperations", "{'open':true}")["result"]["operations"][0]["outcome"] == "pending");
    hypervisor.release(*Uuid::parse(vmText));
}

TEST_CASE_METHOD(World, "K9: an operation whose end the journal could not take yet is not listed as open")
{
    hypervisor.hang(*Uuid::parse(vmText));
    auto plug = post(requestText("hotplugDisk", std::string("{'vmId':'") + vmText + "'" + someDrive + "}"));
    while (hypervisor.blocked() == 0)
        std::this_thread::yield();
    journal.unwritable = true;
    hypervisor.release(*Uuid::parse(vmText));
    const auto told = parseShielded(plug.get().body)["result"]["operationId"];
    CHECK(call("listOperations", "{'open':true}")["result"]["operations"].empty());
    const auto all = call("listOperations", "{}")["result"]["operations"];
    CHECK(all[0]["operationId"] == told);
    CHECK(all[0]["outcome"] == "done");
    journal.unwritable = false;
}

TEST_CASE_METHOD(PendingWorld, "K9 W: getOperation has the timeline and the device")
{
    const auto operation = call("getOperation", this->operation())["result"];
    CHECK(operation["deviceId"] == "d1");
    CHECK(operation["vmId"] == vmText);
    const auto kinds = kindsOf(operation["timeline"]);
    REQUIRE(kinds.size() >= 2);
    CHECK(kinds[0] == "started");
    CHECK(kinds[1] == "requested");
    CHECK(operation["timeline"][0]["alias"] == "ua-d1");

    const auto error = call("getOperation", noOperation)["error"];
    CHECK(error["code"] == 100);
    CHECK(error["data"]["reason"] == "OPERATION_NOT_FOUND");
    CHECK(error["data"]["field"] == "/operationId");
    CHECK(call("getOperation", "{'operationId':'junk'}")["error"]["data"]["errors"][0]["at"] == "/operationId");
}

TEST_CASE_METHOD(PendingWorld, "K3: cancelOperation ends a pending unplug, whose caller is told")
{
    const auto result = call("cancelOperation", operation())["result"];
    CHECK(result["outcome"] == "cancelled");
    CHECK(result["operationId"] == pending);
    const auto told = onVm("hotunplugDisk", ",'deviceId':'d1','requestId':'r-2'")["error"];
    CHECK(told["code"] == 46);
    CHECK(told["data"]["outcome"] == "cancelled");
    CHECK(told["data"]["reason"] == "CANCELLED");
    CHECK(call("cancelOperation", operation())["error"]["data"]["reason"] == "NOT_CANCELLABLE");
    CHECK(call("cancelOperation", noOperation)["error"]["data"]["reason"] == "OPERATION_NOT_FOUND");
    CHECK(call("getOperation", operation())["result"]["outcome"] == "cancelled");
}

TEST_CASE_METHOD(PendingWorld, "K3: while libvirt is busy with the VM a cancel is pending")
{
    hypervisor.hang(*Uuid::parse(vmText));
    auto plug = post(requestText("hotplugDisk", std::string("{'vmId':'") + vmText
        + "','drive':{'format':'raw','path':'/images/b'},'timeout':5000}"));
    while (operations.open(*Uuid::parse(vmText)).size() < 2)
        std::this_thread::yield();
    const auto error = call("cancelOperation", "{'timeout':100," + operation().substr(1))["error"];
    CHECK(error["code"] == 100);
    CHECK(error["data"]["outcome"] == "pending");
    CHECK(error["data"]["operationId"] == pending);
    hypervisor.release(*Uuid::parse(vmText));
    plug.get();
    while (operations.find(*Uuid::parse(pending)))      // its own turn comes after the plug's
        std::this_thread::yield();
    CHECK(call("cancelOperation", operation())["error"]["data"]["reason"] == "NOT_CANCELLABLE");
}

TEST_CASE_METHOD(World, "K9: watchEvents has what happened after the cursor, of all VMs or of one")
{
    const auto start = call("watchEvents", "{'timeout':0}")["result"]["cursor"].asString();
    const auto plugged = onVm("hotplugDisk", someDrive)["result"];
    const auto after = "'after':'" + start + "','timeout':0";
    const auto page = call("watchEvents", "{" + after + "}")["result"];
    CHECK(kindsOf(page["events"]) == Kinds{"started", "done"});
    CHECK(page["events"][0]["operationId"] == plugged["operationId"]);
    CHECK(page["events"][0]["vmId"] == vmText);
    CHECK(page["events"][0]["deviceId"] == "d1");
    CHECK(page["cursor"] == page["events"][1]["cursor"]);
    CHECK(onVm("watchEvents", "," + after)["result"]["events"] == page["events"]);
    CHECK(call("watchEvents", "{'vmId':'00000000-0000-0000-0000-000000000009'," + after + "}")["result"]["events"].empty());
    CHECK(call("watchEvents", "{'timeout':0}")["result"]["events"].empty());
}

TEST_CASE_METHOD(World, "K9: watchEvents waits for something to happen, at most as long as asked")
{
    auto watching = post(requestText("watchEvents", "{'timeout':30000}"));
    CHECK(watching.wait_for(milliseconds(100)) == std::future_status::timeout);
    onVm("hotplugDisk", someDrive);
    const auto reply = parseShielded(watching.get().body);
    CHECK(reply["result"]["events"][0]["kind"] == "started");

    const auto start = Clock::now();
    CHECK(call("watchEvents", "{'timeout':200}")["result"]["events"].empty());
    CHECK(Clock::now() - start >= milliseconds(200));
}

TEST_CASE_METHOD(World, "K9 R7: in a batch and as a notification watchEvents does not wait")
{
    const auto watch = requestText("watchEvents", "{}");
    const auto replies = parseShielded(post("[" + watch + "," + requestText("ping", "{}") + "]").get().body);
    CHECK(replies[0]["result"]["events"].empty());
    CHECK(replies[1]["result"]["status"]["code"] == 0);
    CHECK(post(R"({"jsonrpc":"2.0","method":"watchEvents"})").get().status == 204);
}

TEST_CASE_METHOD(World, "K9: a cursor that is none, or of another journal, is refused")
{
    for (const std::string bad : {"'junk'", "'-1'", "''", "'1x'", "'99999999999999999999'", "7"}) {
        CAPTURE(bad);
        CHECK(call("watchEvents", "{'after':" + bad + "}")["error"]["data"]["errors"][0]["at"] == "/after");
    }
    const auto error = call("watchEvents", "{'after':'18446744073709551615'}")["error"];
    CHECK(error["code"] == 100);
    CHECK(error["data"]["reason"] == "CURSOR_TOO_OLD");
    CHECK(error["data"]["field"] == "/after");
    CHECK(call("watchEvents", "{'timeout':30001}")["error"]["data"]["errors"][0]["at"] == "/timeout");
}
