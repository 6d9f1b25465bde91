#include "data.h"
#include "element.h"
#include "libvirtxml/device_xml.h"

using namespace hotplug;
using namespace hotplug::test;

namespace {

const auto mac = Mac::parse("52:54:00:00:00:01").value();

NicRequest nicOf(NicKind kind)
{
    NicRequest request;
    request.kind = kind;
    if (kind == NicKind::Sriov)
        request.virtualFunction = PciAddress{0, 3, 0x10, 1};
    else
        request.network = "blue";
    return request;
}

std::string print(const NicRequest& request)
{
    return printNic(request, {Alias("ua-n"), {.bus = 6}, mac});
}

} // namespace

TEST_CASE("B9: a plain NIC carries MAC, bridge, model, alias and address")
{
    const Element nic(print(nicOf(NicKind::Bridge)));
    CHECK(nic.children() == "mac source model alias address");
    CHECK(nic.at("/interface/@type") == "bridge");
    CHECK(nic.at("/interface/mac/@address") == "52:54:00:00:00:01");
    CHECK(nic.at("/interface/source/@bridge") == "blue");
    CHECK(nic.at("/interface/model/@type") == "virtio");
    CHECK(nic.at("/interface/alias/@name") == "ua-n");
    CHECK(nic.at("/interface/address/@bus") == "0x06");
}

TEST_CASE("B9: everything that a NIC can be asked for is printed")
{
    const auto model = GENERATE(NicModel::Virtio, NicModel::Rtl8139, NicModel::E1000, NicModel::E1000e);
    auto request = nicOf(NicKind::Bridge);
    request.model = model;
    request.bootOrder = 2;
    request.mtu = 9000;
    request.queues = 4;
    request.linkUp = false;
    request.isolated = true;
    const Element nic(print(request));
    CHECK(nic.at("/interface/model/@type") == name(model));
    CHECK(nic.at("/interface/boot/@order") == "2");
    CHECK(nic.at("/interface/mtu/@size") == "9000");
    CHECK(nic.at("/interface/driver/@queues") == "4");
    CHECK(nic.at("/interface/link/@state") == "down");
    CHECK(nic.at("/interface/port/@isolated") == "yes");
}

TEST_CASE("B9: a bridgeless NIC is a macvtap on its link")
{
    const Element nic(print(nicOf(NicKind::Bridgeless)));
    CHECK(nic.at("/interface/@type") == "direct");
    CHECK(nic.attributesOf("/interface/source") == "dev mode");
    CHECK(nic.at("/interface/source/@dev") == "blue");
    CHECK(nic.at("/interface/source/@mode") == "bridge");
}

TEST_CASE("B9: a vnlink NIC is a macvtap with a port profile")
{
    auto request = nicOf(NicKind::Vnlink);
    request.profile = "finance";
    const Element nic(print(request));
    CHECK(nic.at("/interface/@type") == "direct");
    CHECK(nic.at("/interface/source/@dev") == "blue");
    CHECK(nic.at("/interface/source/@mode") == "private");
    CHECK(nic.at("/interface/virtualport/@type") == "802.1Qbh");
    CHECK(nic.at("/interface/virtualport/parameters/@profileid") == "finance");
}

TEST_CASE("B9: an sriov NIC is a virtual function of the host, as it is")
{
    const Element nic(print(nicOf(NicKind::Sriov)));
    CHECK(nic.children() == "mac source alias address");
    CHECK(nic.at("/interface/@type") == "hostdev");
    CHECK(nic.at("/interface/@managed") == "yes");
    CHECK(nic.at("/interface/source/address/@type") == "pci");
    CHECK(nic.at("/interface/source/address/@bus") == "0x03");
    CHECK(nic.at("/interface/source/address/@slot") == "0x10");
    CHECK(nic.at("/interface/source/address/@function") == "0x1");
    CHECK(nic.at("/interface/address/@bus") == "0x06");
}

TEST_CASE("B9: limits are printed for the directions that have some")
{
    auto request = nicOf(NicKind::Bridge);
    request.inbound = {1000, 5000, 1024};
    const Element inbound(print(request));
    CHECK(inbound.attributesOf("/interface/bandwidth/inbound") == "average peak burst");
    CHECK(inbound.at("/interface/bandwidth/inbound/@average") == "1000");
    CHECK(inbound.at("/interface/bandwidth/inbound/@peak") == "5000");
    CHECK(inbound.at("/interface/bandwidth/inbound/@burst") == "1024");
    CHECK_FALSE(inbound.has("/interface/bandwidth/outbound"));
    request.inbound = {};
    request.outbound.average = 128;
    const Element outbound(print(request));
    CHECK_FALSE(outbound.has("/interface/bandwidth/inbound"));
    CHECK(outbound.attributesOf("/interface/bandwidth/outbound") == "average");
}

TEST_CASE("B9: a filter is printed with its parameters")
{
    auto request = nicOf(NicKind::Bridge);
    request.filter = "clean-traffic";
    request.filterParameters = {{"IP", "10.0.0.1"}, {"IP", "10.0.0.2"}};
    const Element nic(print(request));
    CHECK(nic.at("/interface/filterref/@filter") == "clean-traffic");
    CHECK(nic.at("/interface/filterref/parameter[1]/@name") == "IP");
    CHECK(nic.at("/interface/filterref/parameter[2]/@value") == "10.0.0.2");
}

TEST_CASE("B9: a NIC of each kind is read back as it was")
{
    const auto kind = GENERATE(NicKind::Bridge, NicKind::Bridgeless, NicKind::Sriov, NicKind::Vnlink);
    auto request = nicOf(kind);
    request.bootOrder = 3;
    const auto nic = parseDefinition(domainAround(print(request))).nics.at(0);
    CHECK(nic.mac == mac);
    CHECK(nic.alias == Alias("ua-n"));
    CHECK(nic.address == Address(PciAddress{.bus = 6}));
    CHECK(nic.bootOrder == 3u);
    CHECK(nic.virtualFunction == request.virtualFunction);
    CHECK(nic.source == (kind == NicKind::Sriov ? "0000:03:10.1" : "blue"));
}
