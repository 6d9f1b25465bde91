#include "requests.h"
#include "support/arp.h"
#include "support/bridge.h"
#include "support/catch.h"
#include "support/libvirtd.h"
#include "support/test_vm.h"
#include "support/veth_pair.h"

#include <filesystem>

// How a NIC reaches the network, and which card the guest sees.

using namespace hotplug::test;
namespace fs = std::filesystem;

namespace {

constexpr auto mac = "52:54:00:4a:16:88";

bool hasLink(const std::string& name) { return fs::exists("/sys/class/net/" + name); }

struct Plugged {
    GuestLine seen;
    std::string address;                            ///< As libvirt counts buses.
};

/// Plugs a NIC and returns what the guest says of it, once its link is up and it has answered over `link`.
Plugged plugAndAsk(TestVm& vm, const Json::Value& params, const std::string& link)
{
    const auto mark = vm.console().mark();
    const auto reply = vm.must("hotplugNic", params);
    auto seen = vm.console().waitFor(mark, "add nic", {{"mac", mac}});
    vm.console().waitFor(mark, "link nic", {{"name", seen["name"]}, {"state", "up"}});
    CHECK(askArp(link, seen["ip"]) == mac);
    return {std::move(seen), addressText(reply["device"]["address"])};
}

/// A controller of the bus that libvirt calls `index`.
void appendPci(pugi::xml_node& domain, const char* index, const char* model)
{
    auto controller = domain.child("devices").append_child("controller");
    controller.append_attribute("type") = "pci";
    controller.append_attribute("index") = index;
    controller.append_attribute("model") = model;
}

void unplugLeavingNothing(TestVm& vm, const Json::Value& params)
{
    const auto target = parseDomain(vm.liveXml()).select_node("//interface/target/@dev").attribute().value();
    const std::string tap = target;
    const auto mark = vm.console().mark();
    vm.must("hotunplugNic", params);
    vm.console().waitFor(mark, "del nic", {{"mac", mac}});
    CHECK_FALSE(tap.empty());
    CHECK_FALSE(hasLink(tap));
    CHECK(vm.guestDevices("nic").empty());
    CHECK(vm.liveXml().find(mac) == std::string::npos);
    CHECK(vm.configXml().find(mac) == std::string::npos);
}

void requireRefused(TestVm& vm, const char* what, const Json::Value& params, const char* reason, const char* field)
{
    INFO(what);
    const auto reply = vm.call("hotplugNic", params);
    INFO(reply.text());
    CHECK(reply.reason() == reason);
    CHECK(reply.outcome() == "refused");
    CHECK(reply.error["data"]["field"].asString() == field);
    CHECK(vm.call("hotplugNic", with(params, {{"dryRun", true}})).reason() == reason);
}

} // namespace

TEST_CASE("B9 K5: a bridgeless NIC is a macvtap on the link named, and packets pass both ways", "[integration]")
{
    TestHost host;
    const VethPair veth;
    const Libvirtd libvirtd(host);
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();

    for (const auto* model : {"pv", "e1000e"}) {
        INFO(model);
        const auto params = nic(veth.lower(), {{"device", "bridgeless"}, {"macAddr", mac}, {"nicModel", model}});
        plugAndAsk(vm, params, veth.peer());
        const auto document = parseDomain(vm.configXml());
        const auto defined = document.select_node("//interface").node();
        CHECK(defined.attribute("type").value() == std::string("direct"));
        CHECK(defined.child("source").attribute("dev").value() == veth.lower());
        unplugLeavingNothing(vm, params);
    }
    requireRefused(vm, "no such link", nic("hpnowhere", {{"device", "bridgeless"}}), "NETWORK_NOT_FOUND",
        "/nic/network");
    for (const auto& [key, value] : Members{{"mtu", 1400}, {"port_isolated", "True"}, {"filter", "clean-traffic"}})
        requireRefused(vm, key, nic(veth.lower(), {{"device", "bridgeless"}, {key, value}}), "INVALID_PARAMETER",
            ("/nic/" + std::string(key)).c_str());
}

TEST_CASE("B9 R8: an embedded libvirt cannot take a macvtap away, so it gets none", "[integration]")
{
    TestHost host;
    const VethPair veth;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    requireRefused(vm, "bridgeless", nic(veth.lower(), {{"device", "bridgeless"}}), "NOT_SUPPORTED", "/nic/device");
}

TEST_CASE("B9 R6 R8: virtual functions and port profiles that the host does not have are refused", "[integration]")
{
    TestHost host;
    const VethPair veth;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    const auto sriov = [](const std::string& function) {
        return object({{"nic", object({{"device", "sriov"}, {"hostdev", function}, {"macAddr", mac}})}});
    };
    const auto vnlink = [](const std::string& link) {
        return nic(link, {{"device", "vnlink"}, {"specParams", object({{"profile", "finance"}})}});
    };
    requireRefused(vm, "no such function", sriov("pci_0000_7e_1f_7"), "NETWORK_NOT_FOUND", "/nic/hostdev");
    std::error_code none;
    for (const auto& device : fs::directory_iterator("/sys/bus/pci/devices", none))
        if (!fs::exists(device.path() / "physfn")) {
            requireRefused(vm, "no function", sriov(device.path().filename()), "NOT_SUPPORTED", "/nic/hostdev");
            break;
        }
    requireRefused(vm, "no such link", vnlink("hpnowhere"), "NETWORK_NOT_FOUND", "/nic/network");
    requireRefused(vm, "no VM-FEX", vnlink(veth.lower()), "NOT_SUPPORTED", "/nic/network");
}

TEST_CASE("B9 P1: each card works on a root port", "[integration]")
{
    TestHost host;
    Bridge bridge;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();
    const std::pair<const char*, const char*> drivers[] = {
        {"pv", "virtio_net"}, {"virtio", "virtio_net"}, {"rtl8139", "8139"}, {"e1000", "e1000"}, {"e1000e", "e1000e"}};
    for (const auto& [model, driver] : drivers) {
        INFO(model);
        const auto params = nic(bridge.name(), {{"nicModel", model}, {"macAddr", mac}});
        const auto plugged = plugAndAsk(vm, params, bridge.name());
        CHECK(plugged.seen["driver"].starts_with(driver));
        CHECK(plugged.seen["address"] == plugged.address);
        unplugLeavingNothing(vm, params);
    }
}

TEST_CASE("B9 P2: each card works on i440fx, on the root bus and behind a bridge", "[integration]")
{
    TestHost host;
    Bridge bridge;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.machine = TestVm::Machine::Pc,
        .edit = [](auto& domain) { appendPci(domain, "1", "pci-bridge"); }});
    vm.boot();
    for (const auto* model : {"rtl8139", "e1000", "pv"})
        for (const unsigned bus : {0U, 1U}) {
            INFO(model << " on bus " << bus);
            const auto params = nic(bridge.name(),
                {{"nicModel", model}, {"macAddr", mac}, {"address", pciAddress(bus, 0x11)}});
            const auto plugged = plugAndAsk(vm, params, bridge.name());
            CHECK(plugged.seen["address"] == plugged.address);
            unplugLeavingNothing(vm, params);
        }
}

TEST_CASE("B9 P1: a conventional card takes a slot of the pcie-to-pci bridge where there is one", "[integration]")
{
    TestHost host;
    Bridge bridge;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.edit = [](auto& domain) { appendPci(domain, "10", "pcie-to-pci-bridge"); }});
    vm.boot();
    for (const auto* model : {"rtl8139", "e1000"}) {
        INFO(model);
        const auto params = nic(bridge.name(), {{"nicModel", model}, {"macAddr", mac}});
        const auto plugged = plugAndAsk(vm, params, bridge.name());
        CHECK(plugged.address.starts_with("0000:0a:"));
        CHECK(plugged.seen["address"].ends_with(plugged.address.substr(7)));    // the guest counts buses in its own way
        unplugLeavingNothing(vm, params);
    }
    const auto virtio = nic(bridge.name(), {{"macAddr", mac}});
    CHECK(plugAndAsk(vm, virtio, bridge.name()).address.ends_with(":00.0"));
    unplugLeavingNothing(vm, virtio);
}
