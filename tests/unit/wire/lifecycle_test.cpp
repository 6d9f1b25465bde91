#include "unit/wire/rpc_world.h"

#include <map>
#include <thread>

using namespace hotplug;
using namespace hotplug::test;

namespace {

constexpr auto someVm = "{'vmId':'1b4e28ba-2fa1-11d2-883f-0016d3cca427'}";

/// A VM whose QEMU hangs, and others.
class HungWorld : public World {
public:
    HungWorld() { hypervisor.hang(vm); }

    void awaitBlocked(std::size_t calls)
    {
        while (hypervisor.blocked() < calls)
            std::this_thread::yield();
    }
    std::future<server::Reply> begin(const char* verb, const Uuid& whose)
    {
        return post(requestText(verb, "{'vmId':'" + whose.str() + "'}"));
    }
    /// Release it first, or nothing is answered.
    Json::Value errorOf(std::future<server::Reply>& reply) { return parseShielded(reply.get().body)["error"]; }

    const Uuid vm = *Uuid::parse(vmText);
};

void checkPending(const Json::Value& error)
{
    CHECK(error["code"] == 99);
    CHECK(error["data"]["reason"] == "LIBVIRT_UNAVAILABLE");
    CHECK(error["data"]["outcome"] == "pending");
}

} // namespace

TEST_CASE_METHOD(HungWorld, "R3: a lifecycle verb answers at its deadline, and libvirt goes on with it")
{
    checkPending(onVm("shutdownVm", ",'timeout':100")["error"]);
    const auto again = onVm("shutdownVm", ",'timeout':600000")["error"];
    CHECK(again["data"]["reason"] == "TOO_BUSY");
    CHECK(again["data"]["outcome"] == "refused");
    hypervisor.release(vm);
    CHECK(lifecycleCalls.stop(milliseconds{30'000}));
    CHECK(hypervisor.read(vm).status == VmStatus::Down);
}

TEST_CASE_METHOD(HungWorld, "R3: a VM that hangs is destroyed while another change of it is inside libvirt")
{
    auto stuck = begin("shutdownVm", vm);
    awaitBlocked(1);
    CHECK(call("destroyVm", someVm).isMember("result"));
    CHECK(errorOf(stuck)["data"]["reason"] == "VM_NOT_UP");
}

TEST_CASE_METHOD(HungWorld, "K6: lifecycle verbs have no more permits than others; who gets none is told who has them")
{
    std::vector<std::future<server::Reply>> stuck;
    for (int i = 0; i < 12; ++i) {
        const auto other = hypervisor.addVm(sampleVm(Uuid::random(), "hung" + std::to_string(i)));
        hypervisor.hang(other);
        stuck.push_back(begin("shutdownVm", other));
    }
    awaitBlocked(12);
    const auto error = call("startVm", "{'vmId':'" + Uuid::random().str() + "','timeout':100}")["error"];
    CHECK(error["code"] == 9);
    CHECK(error["data"]["reason"] == "TOO_BUSY");
    CHECK(error["data"]["outcome"] == "refused");
    CHECK(error["data"]["conflictsWith"].isString());
    CHECK_THAT(error["message"].asString(), Catch::Contains("12 changes are inside libvirt"));
    CHECK(hypervisor.count(hotplug::test::Method::Start) == 0);
    CHECK(call("destroyVm", someVm).isMember("result"));
    hypervisor.disconnect();
    for (auto& one : stuck)
        checkPending(errorOf(one));
}

TEST_CASE_METHOD(HungWorld, "K6: a lifecycle verb waits for its VM's turn, and is told who has it; destroyVm does not wait")
{
    auto plug = post(requestText("hotplugDisk",
        "{'vmId':'" + std::string(vmText) + "','drive':{'iface':'virtio','format':'raw','path':'/images/a'}}"));
    awaitBlocked(1);
    const auto operation = operations.open(vm).at(0).id.str();
    const std::map<std::string, test::Method> steps{{"startVm", test::Method::Start}, {"shutdownVm", test::Method::Shutdown},
        {"undefineVm", test::Method::Undefine}};
    for (const auto& [verb, step] : steps) {
        INFO(verb);
        const auto error = onVm(verb, ",'timeout':100")["error"];
        CHECK(error["data"]["reason"] == "TOO_BUSY");
        CHECK(error["data"]["outcome"] == "refused");
        CHECK(error["data"]["conflictsWith"] == operation);
        CHECK(hypervisor.count(step) == 0);
    }
    auto start = begin("startVm", vm);
    CHECK(call("destroyVm", someVm).isMember("result"));
    CHECK(errorOf(plug)["data"]["outcome"] == "failed");
    CHECK(parseShielded(start.get().body).isMember("result"));
    CHECK(hypervisor.read(vm).status == VmStatus::Running);
}

TEST_CASE_METHOD(World, "K7: without libvirt a lifecycle verb is refused, for nothing was touched")
{
    hypervisor.disconnect();
    const auto error = call("startVm", someVm)["error"];
    CHECK(error["code"] == 99);
    CHECK(error["data"]["outcome"] == "refused");
}

TEST_CASE_METHOD(World, "R3: a lifecycle verb has no dry run, and says so")
{
    const auto xml = "{'xml':'<domain><name>x</name></domain>','dryRun':true}";
    for (const auto* verb : {"defineVm", "startVm", "shutdownVm", "destroyVm", "undefineVm"}) {
        const auto error = std::string(verb) == "defineVm" ? call(verb, xml)["error"] : onVm(verb, ",'dryRun':true")["error"];
        INFO(verb);
        CHECK(error["code"] == invalidParamsCode);
        CHECK(error["data"]["errors"][0]["at"] == "/dryRun");
    }
    CHECK(hypervisor.calls().empty());
}

TEST_CASE_METHOD(World, "W: a VM that ends by itself while it is destroyed has ended as asked")
{
    hypervisor.failNext(test::Method::Destroy, ErrorKind::NotRunning, Effect::Done);
    CHECK(onVm("destroyVm", "")["result"]["status"]["code"] == 0);
    CHECK(onVm("destroyVm", "")["error"]["data"]["reason"] == "VM_NOT_UP");
}
