#include "unit/wire/rpc_world.h"

#include <thread>

using namespace hotplug;
using namespace hotplug::test;

TEST_CASE("K6: while libvirt does not answer reads, the verbs that need none of it are not held up")
{
    World world;
    const auto vm = *Uuid::parse(vmText);
    world.hypervisor.hang(vm, FakeHypervisor::Hang::Everything);
    const auto onVm = "{'vmId':'" + std::string(vmText) + "'}";
    std::vector<std::future<server::Reply>> waiting;
    for (const auto& [verb, params] : {std::pair<const char*, std::string>{"listDevices", onVm}, {"getVm", onVm},
             {"capacity", onVm}, {"listVms", "{}"}})
        for (int i = 0; i < 4; ++i)
            waiting.push_back(world.post(World::requestText(verb, params)));
    while (world.hypervisor.blocked() < 2)      // one read of the VM and one of the list, the others behind them
        std::this_thread::yield();

    CHECK(world.call("ping", "{}").isMember("result"));
    CHECK(world.call("getCapabilities", "{}").isMember("result"));
    CHECK(world.call("listOperations", "{}").isMember("result"));
    CHECK(world.call("watchEvents", "{'timeout':0}").isMember("result"));
    CHECK(world.call("getOperation", "{'operationId':'" + Uuid::random().str() + "'}")["error"]["code"] == 100);
    CHECK(world.hypervisor.blocked() == 2);
    world.hypervisor.release(vm);
    for (auto& one : waiting)
        CHECK(parseShielded(one.get().body).isObject());
}
