#include "unit/wire/reading.h"

#include "support/catch.h"

using namespace hotplug;
using namespace hotplug::test;
using namespace hotplug::wire;

namespace {

NicRequest only(const std::string& members)
{
    Warnings warnings;
    return readNic(dictionary(members), warnings);
}

} // namespace

TEST_CASE("B9: the example of a NIC is understood")
{
    const auto blue = nic(R"("type":"interface","device":"bridge","macAddr":"00:1A:4a:16:87:d8",
        "address":{"type":"pci","domain":"0x0000","bus":"0x00","slot":"0x07","function":"0x0"},"nicModel":"pv","bootOrder":"3",
        "linkActive":"false","mtu":"9000")");
    CHECK(blue.kind == NicKind::Bridge);
    CHECK(blue.network == "blue");
    CHECK(blue.mac->str() == "00:1a:4a:16:87:d8");
    CHECK(blue.address == Address(PciAddress{0, 0, 7, 0}));
    CHECK(blue.model == NicModel::Virtio);
    CHECK(blue.bootOrder == 3U);
    CHECK_FALSE(blue.linkUp);
    CHECK(blue.mtu == 9000U);
    CHECK(nic("").linkUp);
}

TEST_CASE("B9: NIC models are VDSM's and libvirt's")
{
    CHECK(nic(R"("nicModel":"virtio")").model == NicModel::Virtio);
    CHECK(nic(R"("nicModel":"rtl8139")").model == NicModel::Rtl8139);
    CHECK(nic(R"("nicModel":"e1000")").model == NicModel::E1000);
    CHECK(nic(R"("nicModel":"e1000e")").model == NicModel::E1000e);
}

TEST_CASE("B9: each device reaches the network in its own way")
{
    const auto bridgeless = only(R"("device":"bridgeless","network":"eth1")");
    CHECK(bridgeless.kind == NicKind::Bridgeless);
    CHECK(bridgeless.network == "eth1");

    const auto vnlink = only(R"("device":"vnlink","network":"eth1","specParams":{"profile":"gold"})");
    CHECK(vnlink.kind == NicKind::Vnlink);
    CHECK(vnlink.network == "eth1");
    CHECK(vnlink.profile == "gold");

    const PciAddress function{0, 5, 0, 1};
    CHECK(only(R"("device":"sriov","hostdev":"pci_0000_05_00_1")").virtualFunction == function);
    CHECK(only(R"("device":"sriov","hostdev":"0000:05:00.1")").virtualFunction == function);
    CHECK(only(R"("device":"sriov","hostdev":"0000:05:00.1")").network.empty());
}

TEST_CASE("B9: what a virtual function cannot heed is ignored when engines send it with every NIC")
{
    Warnings warnings;
    const auto request = nic(R"("device":"sriov","hostdev":"0000:af:1f.7","nicModel":"pv","linkActive":true,"custom":{})", warnings);
    CHECK(request.network.empty());
    CHECK(warnings == Warnings{"network has no effect here and was ignored", "nicModel has no effect here and was ignored"});
}

TEST_CASE("B9: what a device must name is -32602 at its key")
{
    struct Case { std::string members, verdict; };
    const auto one = GENERATE(values<Case>({
        {"", "-32602 /network"}, {R"("network":"")", "-32602 /network"}, {R"("device":"bridgeless")", "-32602 /network"},
        {R"("device":"sriov","network":"blue")", "-32602 /hostdev"}, {R"("device":"vnlink","network":"eth1")", "-32602 /specParams/profile"},
        {R"("device":"sriov","hostdev":"pci_0")", "-32602 /hostdev"}, {R"("device":"sriov","hostdev":"05:00.1")", "-32602 /hostdev"},
        {R"("device":"sriov","hostdev":"0000:05:20.1")", "-32602 /hostdev"}, {R"("device":"sriov","hostdev":"0000:05:00.8")", "-32602 /hostdev"},
        {R"("device":"sriov","hostdev":"0000:05:00.1x")", "-32602 /hostdev"}, {R"("device":"sriov","hostdev":"0000_05_00_1")", "-32602 /hostdev"},
        {R"("device":"sriov","hostdev":"pci_0000:05:00.1")", "-32602 /hostdev"}, {R"("device":"sriov","hostdev":"0000:-5:00.1")", "-32602 /hostdev"},
    }));
    CAPTURE(one.members);
    CHECK(verdict([&] { only(one.members); }) == one.verdict);
}

TEST_CASE("B9: bandwidth, queues, filter and isolation are understood, strings where VDSM sends strings")
{
    const auto full = nic(R"("specParams":{"inbound":{"average":"1000","peak":5000,"burst":"1024"},"outbound":{"average":"128"}},
        "queues":"4","filter":"vdsm-no-mac-spoofing","filterParameters":[{"name":"IP","value":"10.0.0.1"},{"name":"IP","value":"10.0.0.2"}],
        "port_isolated":"yes")");
    CHECK(full.inbound == Bandwidth{1000U, 5000U, 1024U});
    CHECK(full.outbound == Bandwidth{128U, std::nullopt, std::nullopt});
    CHECK(full.queues == 4U);
    CHECK(full.filter == "vdsm-no-mac-spoofing");
    CHECK(full.filterParameters == std::vector<FilterParameter>{{"IP", "10.0.0.1"}, {"IP", "10.0.0.2"}});
    CHECK(full.isolated);

    CHECK(nic(R"("filter":"f","filterParameters":{"A":"1","B":"2"})").filterParameters == std::vector<FilterParameter>{{"A", "1"}, {"B", "2"}});
    CHECK(nic(R"("custom":{"queues":"8"})").queues == 8U);
    CHECK(nic(R"("specParams":{"inbound":{},"outbound":{}})").inbound == Bandwidth());
    CHECK(nic(R"("port_isolated":true)").isolated);
    CHECK_FALSE(nic(R"("port_isolated":"no")").isolated);
}

TEST_CASE("B9: custom properties but queues are ignored and named")
{
    Warnings warnings;
    nic(R"("custom":{"queues":"8","vhost":"on"},"vm_custom":{"sndbuf":"0"},"name":"vnet0","vmid":"")", warnings);
    CHECK(warnings == Warnings{"name has no effect here and was ignored", "vm_custom has no effect here and was ignored",
                               "custom.vhost has no effect here and was ignored"});
    warnings.clear();
    CHECK(nic(R"("custom":{"queues":"8"},"queues":2)", warnings).queues == 2U);
    CHECK(warnings == Warnings{"custom.queues has no effect here and was ignored"});
}

TEST_CASE("B9: values that no NIC can have are -32602 at their key")
{
    struct Case { std::string members, at; };
    const auto one = GENERATE(values<Case>({
        {R"("specParams":{"inbound":{"peak":"1"}})", "/specParams/inbound/average"},
        {R"("specParams":{"inbound":{"average":"0"}})", "/specParams/inbound/average"},
        {R"("specParams":{"outbound":{"average":"4294967296"}})", "/specParams/outbound/average"},
        {R"("specParams":{"outbound":{"average":"1","burst":"4194304"}})", "/specParams/outbound/burst"},
        {R"("queues":"0")", "/queues"}, {R"("queues":257)", "/queues"}, {R"("custom":{"queues":"x"})", "/custom/queues"},
        {R"("filter":"f","filterParameters":[{"name":"a b","value":"1"}])", "/filterParameters/0"},
        {R"("filter":"f","filterParameters":{"a/b":"1"})", "/filterParameters/a~1b"},
        {R"("filter":"f","filterParameters":{"a":["1"]})", "/filterParameters/a"},
        {R"("filter":"f","filterParameters":{"a":""})", "/filterParameters/a"}, {R"("filter":"\u0007")", "/filter"},
        {R"("port_isolated":"maybe")", "/port_isolated"}, {R"("macAddr":"01:00:5e:00:00:01")", "/macAddr"}, {R"("macAddr":"junk")", "/macAddr"},
        {R"("mtu":"67")", "/mtu"}, {R"("mtu":65536)", "/mtu"}, {R"("linkActive":"up")", "/linkActive"},
    }));
    CAPTURE(one.members);
    CHECK(verdict([&] { nic(one.members); }) == "-32602 " + one.at);
}

TEST_CASE("B9: what belongs to another device is refused at the key")
{
    CHECK(verdict([] { nic(R"("hostdev":"0000:05:00.1")"); }) == "INVALID_PARAMETER /hostdev");
    CHECK(verdict([] { nic(R"("specParams":{"profile":"gold"})"); }) == "INVALID_PARAMETER /specParams/profile");
    CHECK(verdict([] { nic(R"("filterParameters":{"A":"1"})"); }) == "INVALID_PARAMETER /filterParameters");
}

TEST_CASE("B10: mirroring is refused rather than forgotten, when it is asked for")
{
    struct Case { std::string members, verdict; };
    const auto one = GENERATE(values<Case>({
        {R"("portMirroring":[])", ""}, {R"("portMirroring":["red"])", "NOT_SUPPORTED /portMirroring"},
        {R"("promisc":"")", ""}, {R"("promisc":"false")", ""}, {R"("promisc":"blue,red")", "NOT_SUPPORTED /promisc"},
        {R"("bandwidth":{})", ""}, {R"("bandwidth":{"a":1})", "NOT_SUPPORTED /bandwidth"}, {R"("filter":"","filterParameters":[])", ""},
    }));
    CAPTURE(one.members);
    CHECK(verdict([&] { nic(one.members); }) == one.verdict);
}
