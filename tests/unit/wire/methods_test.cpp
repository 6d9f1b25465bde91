#include "unit/wire/rpc_world.h"

#include <map>

using namespace hotplug;
using namespace hotplug::test;

namespace {

constexpr const char* someDrive = ",'drive':{'iface':'virtio','format':'raw','path':'/images/a','deviceId':'d1'}";

} // namespace

TEST_CASE_METHOD(World, "W: schema files and methods name the same verbs")
{
    const auto service = std::make_shared<const Service>(context, About{});
    std::map<std::string, std::pair<bool, bool>> offered, described;
    for (const auto& method : allMethods(service))
        offered[method.name] = {method.changing, method.waiting};
    for (const auto& verb : service->catalogue.verbs()) {
        described[verb.name()] = {verb.changing(), verb.waiting()};
        if (!verb.engineName().empty())
            described[verb.engineName()] = {verb.changing(), verb.waiting()};
    }
    CHECK(offered == described);
}

TEST_CASE_METHOD(World, "W: the reading verbs answer as their schemas say")
{
    CHECK(call("ping", "{}")["result"]["status"]["message"] == "Done");
    CHECK(call("getCapabilities", "{}")["result"]["imageRoots"][0] == "/images");
    CHECK(call("listVms", "{}")["result"]["vms"][0]["vmId"] == vmText);
    CHECK(onVm("getVm", "")["result"]["vm"]["status"] == "Up");
    CHECK(onVm("listDevices", "")["result"]["devices"].isArray());
    CHECK(onVm("capacity", "")["result"]["capacity"]["virtioDisks"].asUInt() > 0);
    CHECK(call("ping", "[]")["error"]["code"] == invalidParamsCode);
    CHECK(call("getVm", "{'vmId':'junk'}")["error"]["data"]["errors"][0]["at"] == "/vmId");
    CHECK(call("getVm", "{'vmId':'00000000-0000-0000-0000-000000000009'}")["error"]["code"] == 1);
}

TEST_CASE_METHOD(World, "R4: a disk is plugged and unplugged, by dictionary and by id")
{
    const auto plugged = onVm("hotplugDisk", someDrive)["result"];
    CHECK(plugged["device"]["alias"] == "ua-d1");
    CHECK(plugged["device"]["state"] == "plugged");
    CHECK(plugged["device"]["address"]["type"] == "pci");
    CHECK(plugged["devices"].size() == 1);
    CHECK(onVm("hotplugDisk", someDrive)["error"]["data"]["reason"] == "ALREADY_PLUGGED");
    CHECK(onVm("hotplugDisk", someDrive)["error"]["data"]["field"] == "/drive/deviceId");
    CHECK(onVm("hotunplugDisk", ",'deviceId':'d1'")["result"]["device"]["plugged"] == false);
    CHECK(onVm("hotunplugDisk", ",'deviceId':'d9'")["error"]["code"] == 46);
}

TEST_CASE_METHOD(World, "R1: the form of oVirt engines, with pointers into their params")
{
    const auto wrap = [](const std::string& members, const std::string& vm = vmText) {
        return "{'vmID':'" + vm + "','params':{" + members + "}}";
    };
    const std::string inner = std::string("'vmId':'") + vmText + "'";
    CHECK(call("VM.hotplugDisk", wrap(inner + someDrive))["result"]["device"]["deviceId"] == "d1");
    CHECK(call("VM.hotunplugDisk", wrap("'deviceId':'d1'"))["result"]["device"]["deviceId"] == "d1");
    CHECK(call("VM.hotplugDisk", wrap(inner + ",'drive':{}"))["error"]["data"]["errors"][0]["at"] == "/params/drive/format");
    CHECK(call("VM.hotplugDisk", wrap(inner + ",'drive':{'format':'raw'}"))["error"]["data"]["field"] == "/params/drive/path");
    CHECK(call("VM.hotplugDisk", wrap(inner + ",'drive':{'format':'raw','path':'/a','index':'x'}"))["error"]["data"]["errors"][0]["at"]
          == "/params/drive/index");
    CHECK(call("VM.hotplugDisk", wrap(inner + someDrive, "00000000-0000-0000-0000-000000000009"))["error"]["code"] == 91);
    CHECK(call("VM.hotplugDisk", wrap("'vmId':'junk'" + std::string(someDrive)))["error"]["data"]["errors"][0]["at"] == "/params/vmId");
    CHECK(call("VM.hotplugDisk", wrap(inner, "junk"))["error"]["data"]["errors"][0]["at"] == "/vmID");
    CHECK(call("VM.hotplugDisk", "{}")["error"]["data"]["errors"].size() == 2);
    CHECK(call("VM.hotplugDisk", "{'vmID':5,'params':[]}")["error"]["code"] == invalidParamsCode);
}

TEST_CASE_METHOD(World, "R4: a plugged NIC is told as engines read it")
{
    const auto plugged = onVm("hotplugNic", ",'nic':{'network':'blue','macAddr':'00:1a:4a:16:87:d8','deviceId':'n1'}")["result"];
    CHECK(plugged["devices"][0]["macAddr"] == "00:1a:4a:16:87:d8");
    CHECK(plugged["devices"][0]["alias"] == "ua-n1");
    CHECK(plugged["xml"].asString().starts_with("<domain"));
    CHECK(onVm("hotunplugNic", ",'nic':{'macAddr':'00:1A:4A:16:87:D8'}")["result"]["device"]["deviceId"] == "n1");
}

TEST_CASE_METHOD(World, "R8: dryRun answers with the plan and changes nothing")
{
    const auto result = onVm("hotplugDisk", std::string(someDrive) + ",'dryRun':true")["result"];
    const auto& plan = result["plan"];
    CHECK(result["plans"].size() == 1);
    CHECK(plan["goal"] == "plug");
    CHECK(plan["alias"] == "ua-d1");
    CHECK(plan["xml"].asString().find("/images/a") != std::string::npos);
    CHECK(hypervisor.count(hotplug::test::Method::Attach) == 0);
}

TEST_CASE_METHOD(World, "R5: a refusal has the verb's code and names the field as the caller wrote it")
{
    const auto error = onVm("hotplugDisk", ",'drive':{'format':'raw','path':'/images/missing'}")["error"];
    CHECK(error["code"] == 45);
    CHECK(error["message"].asString().starts_with("Failed to hotplug disk: "));
    CHECK(error["data"]["reason"] == "SOURCE_NOT_FOUND");
    CHECK(error["data"]["outcome"] == "refused");
    CHECK(error["data"]["field"] == "/drive/path");
}

TEST_CASE_METHOD(World, "A3: warnings name what had no effect")
{
    const auto result = onVm("hotplugDisk", ",'ignoreUnknown':true,'drive':{'format':'raw','path':'/images/a','name':'vdz','wings':2}")["result"];
    CHECK(result["warnings"].size() == 2);
    CHECK(onVm("hotplugDisk", ",'drive':{'format':'raw','path':'/images/b','wings':2}")["error"]["data"]["errors"][0]["at"] == "/drive/wings");
}

TEST_CASE_METHOD(World, "K3: an unplug that the guest does not answer is pending at the deadline")
{
    onVm("hotplugDisk", someDrive);
    hypervisor.scriptUnplug(*Uuid::parse(vmText), {.asks = 0});
    const auto error = onVm("hotunplugDisk", ",'deviceId':'d1','timeout':100")["error"];
    CHECK(error["code"] == 46);
    CHECK(error["data"]["outcome"] == "pending");
    CHECK(error["data"]["reason"] == "GUEST_NOT_RESPONDING");
    CHECK(error["data"]["operationId"].isString());
}

TEST_CASE_METHOD(World, "W: lifecycle verbs answer as their schemas say")
{
    CHECK(onVm("shutdownVm", "")["result"]["status"]["code"] == 0);
    CHECK(onVm("startVm", "")["result"]["status"]["code"] == 0);
    CHECK(onVm("destroyVm", "")["result"]["status"]["code"] == 0);
    CHECK(onVm("undefineVm", "")["result"]["status"]["code"] == 0);
    CHECK(onVm("startVm", "")["error"]["code"] == 1);
    CHECK(call("defineVm", "{}")["error"]["code"] == invalidParamsCode);
}
