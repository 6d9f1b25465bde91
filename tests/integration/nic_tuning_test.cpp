#include "requests.h"
#include "support/arp.h"
#include "support/bridge.h"
#include "support/catch.h"
#include "support/libvirtd.h"
#include "support/test_vm.h"
#include "support/traffic_control.h"

#include <filesystem>
#include <fstream>

// What a NIC's dictionary says besides the network: limits, MTU, link, queues, isolation, filter.

using namespace hotplug::test;
namespace fs = std::filesystem;

namespace {

constexpr auto mac = "52:54:00:4a:16:89";

struct Plugged {
    GuestLine seen;
    std::string tap, deviceId;
};

Plugged plug(TestVm& vm, const Json::Value& params, const char* link = "up")
{
    const auto mark = vm.console().mark();
    const auto reply = vm.must("hotplugNic", params);
    auto seen = vm.console().waitFor(mark, "add nic", {{"mac", mac}});
    vm.console().waitFor(mark, "link nic", {{"name", seen["name"]}, {"state", link}});
    const auto id = reply["device"]["deviceId"].asString();
    return {seen, vm.device(id)["target"].asString(), id};
}

void unplug(TestVm& vm, const Plugged& nic)
{
    const auto mark = vm.console().mark();
    vm.must("hotunplugNic", deviceId(nic.deviceId));
    vm.console().waitFor(mark, "del nic", {{"mac", mac}});
    CHECK_FALSE(fs::exists("/sys/class/net/" + nic.tap));
}

std::string sysfs(const Plugged& nic, const std::string& file)
{
    const auto text = readFile("/sys/class/net/" + nic.tap + "/" + file);
    return text.substr(0, text.find('\n'));
}

Json::Value limits(Members inbound, Members outbound)
{
    return object({{"inbound", object(inbound)}, {"outbound", object(outbound)}});
}

} // namespace

TEST_CASE("B9: limits of a NIC are set in the kernel, in both directions", "[integration]")
{
    TestHost host;
    Bridge bridge;
    const ForgivingTc tc;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();
    const auto specParams = limits({{"average", "1000"}, {"peak", "2000"}, {"burst", "512"}}, {{"average", 500}});
    const auto nicked = plug(vm, nic(bridge.name(), {{"macAddr", mac}, {"specParams", specParams}}));

    const auto shaping = shapingOf(nicked.tap);     // libvirt's 1000 kilobytes a second
    REQUIRE(shaping.size() == 3);
    CHECK(shaping.at("rate") == "8Mbit");
    CHECK(shaping.at("ceil") == "16Mbit");
    CHECK(shaping.at("burst") == "512Kb");
    CHECK(tc.wasTold({"filter add dev " + nicked.tap, "police rate 500kbps"}));
    const auto document = parseDomain(vm.configXml());
    CHECK(document.select_node("//bandwidth/inbound[@average='1000'][@peak='2000'][@burst='512']"));
    CHECK(document.select_node("//bandwidth/outbound[@average='500'][not(@peak)]"));
    CHECK(askArp(bridge.name(), nicked.seen.values.at("ip")) == mac);
    unplug(vm, nicked);
}

TEST_CASE("B9: the guest gets the MTU and the queues that were asked for", "[integration]")
{
    TestHost host;
    Bridge bridge;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.edit = [](auto& domain) { domain.child("vcpu").text() = 2; }});
    vm.boot();

    auto one = plug(vm, nic(bridge.name(), {{"macAddr", mac}, {"mtu", "1400"}}));
    CHECK(one.seen["mtu"] == "1400");
    CHECK(one.seen["queues"] == "1");
    CHECK(sysfs(one, "mtu") == "1400");
    unplug(vm, one);

    one = plug(vm, nic(bridge.name(), {{"macAddr", mac}, {"queues", 2}}));
    CHECK(one.seen["queues"] == "2");
    CHECK(one.seen["mtu"] == "1500");
    constexpr unsigned long multiQueue = 0x100;     // IFF_MULTI_QUEUE
    CHECK((std::stoul(sysfs(one, "tun_flags"), nullptr, 16) & multiQueue) != 0);
    unplug(vm, one);

    const auto reply = vm.call("hotplugNic", nic(bridge.name(), {{"nicModel", "e1000"}, {"queues", 4}}));
    CHECK(reply.reason() == "INVALID_PARAMETER");
    CHECK(reply.error["data"]["field"] == "/nic/queues");
}

TEST_CASE("B9: a NIC whose link is down is there and silent; an isolated one is isolated", "[integration]")
{
    TestHost host;
    Bridge bridge;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();

    const auto down = plug(vm, nic(bridge.name(), {{"macAddr", mac}, {"linkActive", "False"}}), "down");
    CHECK(askArp(bridge.name(), down.seen.values.at("ip"), 1s).empty());
    CHECK(parseDomain(vm.configXml()).select_node("//interface/link[@state='down']"));
    CHECK(sysfs(down, "brport/isolated") == "0");
    unplug(vm, down);

    const auto isolated = plug(vm, nic(bridge.name(), {{"macAddr", mac}, {"port_isolated", "True"}}));
    CHECK(sysfs(isolated, "brport/isolated") == "1");
    CHECK(askArp(bridge.name(), isolated.seen.values.at("ip")) == mac);
    unplug(vm, isolated);
}

TEST_CASE("B9 K5: a NIC is filtered where libvirt can, and fails where it cannot", "[integration]")
{
    const auto filtered = [](const Bridge& bridge) {
        auto parameter = object({{"name", "IP"}, {"value", "169.254.22.137"}});
        auto params = nic(bridge.name(), {{"macAddr", mac}, {"filter", "hotplug-test"}});
        params["nic"]["filterParameters"].append(parameter);
        return params;
    };
    {
        TestHost host;
        Bridge bridge;
        const Libvirtd libvirtd(host);
        const auto file = host.path() / "filter.xml";
        std::ofstream(file) << "<filter name='hotplug-test' chain='mac'><rule action='drop' direction='out'>"
                               "<mac match='no' srcmacaddr='$MAC'/></rule></filter>";
        REQUIRE(runProgram({"virsh", "-c", host.uri(), "nwfilter-define", file}).code == 0);
        Hotplugd daemon(host);
        TestVm vm(daemon);
        vm.boot();
        const auto nicked = plug(vm, filtered(bridge));
        CHECK(parseDomain(vm.liveXml()).select_node(
            "//filterref[@filter='hotplug-test']/parameter[@name='IP'][@value='169.254.22.137']"));
        CHECK(runProgram({"ebtables", "-t", "nat", "-L"}).out.find(nicked.tap) != std::string::npos);
        CHECK(askArp(bridge.name(), nicked.seen.values.at("ip")) == mac);
        unplug(vm, nicked);
    }
    TestHost host;
    Bridge bridge;
    Hotplugd daemon(host);                          // an embedded libvirt has no filters
    TestVm vm(daemon);
    vm.start();
    const auto reply = vm.call("hotplugNic", filtered(bridge));
    INFO(reply.text());
    CHECK_FALSE(reply.ok());
    CHECK(reply.code() == 49);
    CHECK(fs::is_empty("/sys/class/net/" + bridge.name() + "/brif"));
    CHECK(vm.liveXml().find(mac) == std::string::npos);
    CHECK(vm.configXml().find(mac) == std::string::npos);
}
