#include "data.h"
#include "element.h"
#include "libvirtxml/device_xml.h"

using namespace hotplug;
using namespace hotplug::test;

namespace {

DomainDisk diskWith(const std::string& type, const std::string& source)
{
    return parseDefinition(domainAround("<disk type='" + type + "' device='disk'>" + source
        + "<target dev='vdb' bus='virtio'/></disk>")).disks.at(0);
}

} // namespace

TEST_CASE("The twin of a disk names what libvirt finds it by, and no alias that the definition does not have")
{
    const auto config = parseDefinition(readDocument("q35-config.xml"));
    const auto& foreign = config.disks.at(1);
    REQUIRE(foreign.target == "vdb");
    const Element twin(printTwin(foreign));
    CHECK(twin.children() == "source target");
    CHECK(twin.at("/disk/source/@file") == "/srv/images/foreign.img");
    CHECK(twin.at("/disk/target/@dev") == "vdb");
    CHECK(twin.at("/disk/target/@bus") == "virtio");
}

TEST_CASE("The twin of a disk has a source of its own kind")
{
    const Element block(printTwin(diskWith("block", "<source dev='/dev/mapper/lun'/>")));
    CHECK(block.at("/disk/@type") == "block");
    CHECK(block.at("/disk/source/@dev") == "/dev/mapper/lun");
    const Element network(printTwin(diskWith("network",
        "<source protocol='rbd' name='pool/vol'><host name='h1' port='6789'/><host name='h2'/></source>")));
    CHECK(network.at("/disk/@type") == "network");
    CHECK(network.at("/disk/source/@protocol") == "rbd");
    CHECK(network.at("/disk/source/@name") == "pool/vol");
    CHECK(network.at("/disk/source/host[1]/@port") == "6789");
    CHECK(network.at("/disk/source/host[2]/@name") == "h2");
}

TEST_CASE("The twin of a disk of a kind that we never plug has a source that libvirt can at least read")
{
    struct Case {
        const char *type, *source;
    };
    const auto [type, source] = GENERATE(Case{"dir", "<source dir='/srv/fat'/>"},
        Case{"volume", "<source pool='default' volume='one'/>"},
        Case{"network", "<source protocol='http' name='a.iso'><host name='h' port='80'/></source>"});
    const Element twin(printTwin(diskWith(type, source)));
    CHECK(twin.at("/disk/@type") == "file");
    CHECK(twin.has("/disk/source/@file"));
    CHECK(twin.at("/disk/target/@dev") == "vdb");
}

TEST_CASE("The twin of a NIC names its source as its type wants it, its MAC and its address")
{
    struct Case {
        const char *type, *attribute;
    };
    const auto [type, attribute] = GENERATE(Case{"bridge", "bridge"}, Case{"network", "network"}, Case{"direct", "dev"});
    DomainNic nic;
    nic.type = type;
    nic.source = "blue";
    nic.mac = Mac::parse("52:54:00:00:00:01");
    nic.address = PciAddress{.bus = 2};
    const Element twin(printTwin(nic));
    CHECK(twin.children() == "mac source address");
    CHECK(twin.at("/interface/@type") == type);
    CHECK(twin.at("/interface/mac/@address") == "52:54:00:00:00:01");
    CHECK(twin.at((std::string("/interface/source/@") + attribute).c_str()) == "blue");
    CHECK(twin.at("/interface/address/@bus") == "0x02");
}

TEST_CASE("The twin of a virtual function names it")
{
    const auto config = parseDefinition(domainAround("<interface type='hostdev'><mac address='52:54:00:00:00:01'/><source>"
        "<address type='pci' domain='0x0000' bus='0x03' slot='0x10' function='0x1'/></source></interface>"));
    const Element twin(printTwin(config.nics.at(0)));
    CHECK(twin.children() == "mac source");
    CHECK(twin.at("/interface/source/address/@slot") == "0x10");
}

TEST_CASE("The twin of a NIC whose type has no source has none either")
{
    DomainNic nic;
    nic.type = "user";
    nic.mac = Mac::parse("52:54:00:00:00:01");
    CHECK(Element(printTwin(nic)).children() == "mac");
}
