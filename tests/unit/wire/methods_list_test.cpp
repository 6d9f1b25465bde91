#include "unit/wire/rpc_world.h"

using namespace hotplug;
using namespace hotplug::test;

namespace {

std::string list(const std::string& entries)
{
    return ",'device':[" + entries + "]";
}

constexpr const char* first = "{'format':'raw','path':'/images/a','deviceId':'d1'}";
constexpr const char* second = "{'format':'raw','path':'/images/b','deviceId':'d2','iface':'virtio'}";

const std::string both = list(std::string(first) + "," + second);

} // namespace

TEST_CASE_METHOD(World, "R2: a list of disks is one operation with a device for each")
{
    const auto plugged = onVm("hotplugDisk", both)["result"];
    REQUIRE(plugged["devices"].size() == 2);
    CHECK(plugged["devices"][0]["deviceId"] == "d1");
    CHECK(plugged["devices"][1]["deviceId"] == "d2");
    CHECK_FALSE(plugged.isMember("device"));
    CHECK(plugged["operationId"].isString());

    const auto unplugged = onVm("hotunplugDisk", list("{'deviceId':'d1'},{'path':'/images/b'}"))["result"];
    REQUIRE(unplugged["devices"].size() == 2);
    CHECK(unplugged["devices"][1]["state"] == "unplugged");
}

TEST_CASE_METHOD(World, "R2: a list of one has device as well")
{
    const auto plugged = onVm("hotplugDisk", list(first))["result"];
    CHECK(plugged["device"] == plugged["devices"][0]);
    CHECK(onVm("hotunplugDisk", list("{'deviceId':'d1'}"))["result"]["device"]["state"] == "unplugged");
}

TEST_CASE_METHOD(World, "R2: engines may send a list too")
{
    const auto wrapped = [](const std::string& members) {
        return "{'vmID':'" + std::string(vmText) + "','params':{'vmId':'" + vmText + "'" + members + "}}";
    };
    CHECK(call("VM.hotplugDisk", wrapped(both))["result"]["devices"].size() == 2);
    CHECK(call("VM.hotplugDisk", wrapped(list("{'format':'raw','path':'/images/c'},{'format':'raw'}")))["error"]["data"]["field"]
          == "/params/device/1/path");
    CHECK(call("VM.hotunplugDisk", wrapped(list("{'deviceId':'d1'},{'deviceId':'d9'}")))["error"]["data"]["reason"] == "DEVICE_NOT_FOUND");
    CHECK(call("VM.hotunplugDisk", wrapped(list("{'deviceId':'d1'},{'deviceId':'d2'}")))["result"]["devices"].size() == 2);
}

TEST_CASE_METHOD(World, "R3: the dry run of a list has a plan for each, and takes the earlier ones into account")
{
    const auto result = onVm("hotplugDisk", both + ",'dryRun':true")["result"];
    REQUIRE(result["plans"].size() == 2);
    CHECK_FALSE(result.isMember("plan"));
    CHECK(result["plans"][0]["address"] != result["plans"][1]["address"]);
    CHECK(result["plans"][0]["target"] != result["plans"][1]["target"]);
    CHECK(hypervisor.count(hotplug::test::Method::Attach) == 0);
}

TEST_CASE_METHOD(World, "R5: what is wrong with an entry is told at the entry")
{
    const auto at = [this](const std::string& entries) {
        const auto data = onVm("hotplugDisk", list(entries))["error"]["data"];
        return data.isMember("field") ? data["field"].asString() : data["errors"][0]["at"].asString();
    };
    CHECK(at(std::string(first) + ",{'path':'/images/b'}") == "/device/1/format");
    CHECK(at(std::string(first) + ",{'path':'/images/b','format':'raw','index':'x'}") == "/device/1/index");
    CHECK(at(std::string(first) + ",{'format':'raw'}") == "/device/1/path");
    CHECK(at(std::string(first) + ",{'format':'raw','path':'/images/missing'}") == "/device/1/path");
    CHECK(at(std::string(first) + "," + first) == "/device/1/deviceId");
    CHECK(hypervisor.count(hotplug::test::Method::Attach) == 0);
}

TEST_CASE_METHOD(World, "R7: the values of all entries are told at once")
{
    const auto errors = onVm("hotplugDisk", list("{'format':'raw','index':'x'},{'format':'raw','index':'y'}"))["error"]["data"]["errors"];
    REQUIRE(errors.size() == 2);
    CHECK(errors[0]["at"] == "/device/0/index");
    CHECK(errors[1]["at"] == "/device/1/index");
}

TEST_CASE_METHOD(World, "A3: warnings of a list say whose key it is")
{
    const auto warnings = onVm("hotplugDisk", list(std::string(first) + ",{'format':'raw','path':'/images/b','guestName':'x'}"))["result"]["warnings"];
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0] == "device[1].guestName has no effect here and was ignored");
}

TEST_CASE_METHOD(World, "R5: a refusal for want of room tells what still fits")
{
    for (int i = 0; i < 40; ++i) {
        const auto reply = onVm("hotplugNic", ",'nic':{'network':'blue'}");
        if (!reply.isMember("error"))
            continue;
        const auto& data = reply["error"]["data"];
        CHECK(data["reason"] == "NO_FREE_PCI_PORT");
        CHECK(data["capacity"]["nics"] == 0);
        CHECK(data["capacity"].size() == 5);
        const auto capacity = onVm("capacity", "")["result"]["capacity"];
        CHECK(capacity["nics"] == 0);
        REQUIRE(capacity["blockers"].size() > 0);
        CHECK(capacity["blockers"][0]["reason"] == "NO_FREE_PCI_PORT");
        return;
    }
    FAIL("no end of ports");
}

TEST_CASE_METHOD(World, "A4: a network volume goes in and out by its name")
{
    const std::string drive = ",'drive':{'format':'raw','protocol':'nbd','name':'e','hosts':[{'name':'h'}]}";
    CHECK(onVm("hotplugDisk", drive)["result"]["device"]["source"] == "nbd://h:10809/e");
}
