#include "support/catch.h"

#include "data.h"
#include "libvirtxml/device_xml.h"

#include <pugixml.hpp>

using namespace hotplug;
using namespace hotplug::test;

namespace {

/// The one element that `xml` is.
struct Element : pugi::xml_document {
    explicit Element(const std::string& xml) { REQUIRE(load_string(xml.c_str())); }

    std::string at(const char* path) const
    {
        const auto found = select_node(path);
        return found.attribute() ? found.attribute().value() : found.node().text().get();
    }
    bool has(const char* path) const { return static_cast<bool>(select_node(path)); }
};

DiskPlacement placement(const Address& address)
{
    return {Alias("ua-data"), address, "vdb", "serial-1", {"/srv/images/data.qcow2", DiskFormat::Qcow2, {}, 0}};
}

const Address port = PciAddress{0, 5, 0, 0};

std::string children(const Element& element)
{
    std::string names;
    for (const auto& child : element.document_element().children())
        names += std::string(names.empty() ? "" : " ") + child.name();
    return names;
}

} // namespace

TEST_CASE("A3: a plain disk carries source, format, target, serial, alias and address, and nothing that was not asked")
{
    DiskRequest request;
    request.format = DiskFormat::Qcow2;
    const Element disk(printDisk(request, placement(port)));
    CHECK(children(disk) == "driver source target serial alias address");
    CHECK(disk.at("/disk/@type") == "file");
    CHECK(disk.at("/disk/@device") == "disk");
    CHECK(disk.at("/disk/driver/@name") == "qemu");
    CHECK(disk.at("/disk/driver/@type") == "qcow2");
    CHECK(std::distance(disk.child("disk").child("driver").attributes().begin(),
              disk.child("disk").child("driver").attributes().end()) == 2);
    CHECK(disk.at("/disk/source/@file") == "/srv/images/data.qcow2");
    CHECK_FALSE(disk.has("/disk/source/@startupPolicy"));
    CHECK(disk.at("/disk/target/@dev") == "vdb");
    CHECK(disk.at("/disk/target/@bus") == "virtio");
    CHECK(disk.at("/disk/serial") == "serial-1");
    CHECK(disk.at("/disk/alias/@name") == "ua-data");
    CHECK(disk.at("/disk/address/@type") == "pci");
    CHECK(disk.at("/disk/address/@domain") == "0x0000");
    CHECK(disk.at("/disk/address/@bus") == "0x05");
    CHECK(disk.at("/disk/address/@slot") == "0x00");
    CHECK(disk.at("/disk/address/@function") == "0x0");
}

TEST_CASE("A3: everything that a disk can be asked for is printed")
{
    DiskRequest request;
    request.bus = Bus::Scsi;
    request.bootOrder = 3;
    request.errorPolicy = ErrorPolicy::Enospace;
    request.cache = CacheMode::DirectSync;
    request.discard = DiscardMode::Unmap;
    request.shared = request.readonly = request.optional = true;
    request.ioTune.totalBytesSec = 18446744073709551615u;
    request.ioTune.readIopsSec = 0;
    const Element disk(printDisk(request, placement(DriveAddress{1, 0, 2, 30})));
    CHECK(disk.at("/disk/driver/@type") == "raw");
    CHECK(disk.at("/disk/driver/@error_policy") == "enospace");
    CHECK(disk.at("/disk/driver/@cache") == "directsync");
    CHECK(disk.at("/disk/driver/@discard") == "unmap");
    CHECK(disk.at("/disk/source/@startupPolicy") == "optional");
    CHECK(disk.at("/disk/target/@bus") == "scsi");
    CHECK(disk.has("/disk/shareable"));
    CHECK(disk.has("/disk/readonly"));
    CHECK(disk.at("/disk/boot/@order") == "3");
    CHECK(disk.at("/disk/iotune/total_bytes_sec") == "18446744073709551615");
    CHECK(disk.at("/disk/iotune/read_iops_sec") == "0");
    CHECK_FALSE(disk.has("/disk/iotune/write_bytes_sec"));
    CHECK(disk.at("/disk/address/@type") == "drive");
    CHECK(disk.at("/disk/address/@controller") == "1");
    CHECK(disk.at("/disk/address/@target") == "2");
    CHECK(disk.at("/disk/address/@unit") == "30");
}

TEST_CASE("A disk without a serial gets no empty one")
{
    auto where = placement(port);
    where.serial.clear();
    CHECK_FALSE(Element(printDisk({}, where)).has("/disk/serial"));
}

TEST_CASE("B9: a plain NIC carries MAC, bridge, model, alias and address")
{
    NicRequest request;
    request.bridge = "blue";
    const Element nic(printNic(request, {Alias("ua-n"), {.bus = 6}, *Mac::parse("52:54:00:00:00:01")}));
    CHECK(children(nic) == "mac source model alias address");
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
    NicRequest request;
    request.bridge = "blue";
    request.model = model;
    request.bootOrder = 2;
    request.mtu = 9000;
    request.linkUp = false;
    const Element nic(printNic(request, {Alias("ua-n"), {.bus = 6}, *Mac::parse("52:54:00:00:00:01")}));
    CHECK(nic.at("/interface/model/@type") == name(model));
    CHECK(nic.at("/interface/boot/@order") == "2");
    CHECK(nic.at("/interface/mtu/@size") == "9000");
    CHECK(nic.at("/interface/link/@state") == "down");
}

TEST_CASE("A5: what is printed is read back as it was, at every address")
{
    const Address address = GENERATE(Address(PciAddress{0, 5, 0, 0}), Address(PciAddress{1, 255, 31, 7}),
        Address(DriveAddress{0, 0, 0, 0}), Address(DriveAddress{12, 0, 255, 255}));
    auto where = placement(address);
    where.source.path = "/srv/images/a <b> & \"c\" 'd' \xc3\xa4.img";
    DiskRequest request;
    request.bootOrder = 7;
    request.shared = true;
    const auto document = parseDefinition(domainAround(printDisk(request, where)));
    REQUIRE(document.disks.size() == 1);
    const auto& disk = document.disks.front();
    CHECK(disk.sources == std::vector{where.source.path});
    CHECK(disk.alias == where.alias);
    CHECK(disk.address == address);
    CHECK(disk.target == "vdb");
    CHECK(disk.serial == "serial-1");
    CHECK(disk.bootOrder == 7u);
    CHECK(disk.shareable);
}

TEST_CASE("The twin of a disk names what libvirt finds it by, and no alias that the definition does not have")
{
    const auto config = parseDefinition(readDocument("q35-config.xml"));
    const auto& foreign = config.disks.at(1);
    REQUIRE(foreign.target == "vdb");
    const Element twin(printTwin(foreign));
    CHECK(children(twin) == "source target");
    CHECK(twin.at("/disk/source/@file") == "/srv/images/foreign.img");
    CHECK(twin.at("/disk/target/@dev") == "vdb");
    CHECK(twin.at("/disk/target/@bus") == "virtio");
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
    CHECK(children(twin) == "mac source address");
    CHECK(twin.at("/interface/@type") == type);
    CHECK(twin.at("/interface/mac/@address") == "52:54:00:00:00:01");
    CHECK(twin.at((std::string("/interface/source/@") + attribute).c_str()) == "blue");
    CHECK(twin.at("/interface/address/@bus") == "0x02");
}

TEST_CASE("The twin of a NIC whose type has no source has none either")
{
    DomainNic nic;
    nic.type = "user";
    nic.mac = Mac::parse("52:54:00:00:00:01");
    CHECK(children(Element(printTwin(nic))) == "mac");
}
