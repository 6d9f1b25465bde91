#include "data.h"
#include "element.h"
#include "libvirtxml/device_xml.h"

using namespace hotplug;
using namespace hotplug::test;

namespace {

const Address port = PciAddress{0, 5, 0, 0};

DiskPlacement placement(const Address& address, HostSource source = fileSource("/srv/images/data.qcow2"))
{
    return {Alias("ua-data"), address, "vdb", "serial-1", std::move(source)};
}

Element printed(const DiskRequest& request, const HostSource& source)
{
    return Element(printDisk(request, placement(port, source)));
}

DomainDisk readBack(const std::string& xml)
{
    return parseDefinition(domainAround(xml)).disks.at(0);
}

} // namespace

TEST_CASE("A3: a plain disk carries source, format, target, serial, alias and address, and nothing that was not asked")
{
    DiskRequest request;
    request.format = DiskFormat::Qcow2;
    const Element disk(printDisk(request, placement(port)));
    CHECK(disk.children() == "driver source target serial alias address");
    CHECK(disk.at("/disk/@type") == "file");
    CHECK(disk.at("/disk/@device") == "disk");
    CHECK(disk.at("/disk/driver/@name") == "qemu");
    CHECK(disk.at("/disk/driver/@type") == "qcow2");
    CHECK(disk.attributesOf("/disk/source") == "file");
    CHECK(disk.at("/disk/source/@file") == "/srv/images/data.qcow2");
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

TEST_CASE("A3: what a disk's driver was not told is as VDSM has it")
{
    struct Case {
        SourceKind kind;
        std::optional<CacheMode> cache;
        const char *expectedCache, *expectedIo;
    };
    const auto [kind, cache, expectedCache, expectedIo] = GENERATE(
        Case{SourceKind::File, std::nullopt, "none", "threads"},
        Case{SourceKind::File, CacheMode::Writeback, "writeback", "threads"},
        Case{SourceKind::Block, std::nullopt, "none", "native"},
        Case{SourceKind::Block, CacheMode::DirectSync, "directsync", "native"},
        Case{SourceKind::Block, CacheMode::Writethrough, "writethrough", "threads"},
        Case{SourceKind::Block, CacheMode::Unsafe, "unsafe", "threads"},
        Case{SourceKind::Network, std::nullopt, "none", "threads"});
    CAPTURE(static_cast<int>(kind), expectedCache);
    auto source = blockSource();
    source.kind = kind;
    DiskRequest request;
    request.cache = cache;
    const auto disk = printed(request, source);
    CHECK(disk.attributesOf("/disk/driver") == "name type cache error_policy io");
    CHECK(disk.at("/disk/driver/@cache") == expectedCache);
    CHECK(disk.at("/disk/driver/@io") == expectedIo);
    CHECK(disk.at("/disk/driver/@error_policy") == "stop");
}

TEST_CASE("A4: a block device is named by its device, and may be optional")
{
    DiskRequest request;
    request.optional = true;
    const auto disk = printed(request, blockSource());
    CHECK(disk.at("/disk/@type") == "block");
    CHECK(disk.attributesOf("/disk/source") == "dev startupPolicy");
    CHECK(disk.at("/disk/source/@dev") == "/dev/mapper/lun");
    CHECK(readBack(printDisk(request, placement(port, blockSource()))).sources == std::vector<std::string>{"/dev/mapper/lun"});
}

TEST_CASE("C1: a lun is told from a disk, and has libvirt manage its reservations when asked")
{
    DiskRequest request;
    request.device = DiskDevice::Lun;
    request.bus = Bus::Scsi;
    request.managedReservation = true;
    auto where = placement(DriveAddress{}, blockSource());
    where.serial.clear();
    const Element lun(printDisk(request, where));
    CHECK(lun.at("/disk/@device") == "lun");
    CHECK(lun.at("/disk/source/reservations/@managed") == "yes");
    CHECK(lun.children() == "driver source target alias address");
}

TEST_CASE("A4: a network volume is named by protocol, name and hosts, and logs in by a secret")
{
    struct Case {
        NetworkProtocol protocol;
        const char* secret;
    };
    const auto [protocol, secret] = GENERATE(Case{NetworkProtocol::Iscsi, "iscsi"}, Case{NetworkProtocol::Rbd, "ceph"});
    const auto uuid = Uuid::random();
    const NetworkVolume volume{protocol, "pool/vol", {{"h1", 6789}, {"h2", std::nullopt}}, NetworkAuth{"cinder", uuid}};
    const auto source = networkSource(volume);
    DiskRequest request;
    request.optional = true;
    const auto disk = printed(request, source);
    CHECK(disk.at("/disk/@type") == "network");
    CHECK(disk.attributesOf("/disk/source") == "protocol name");
    CHECK(disk.at("/disk/source/@protocol") == name(protocol));
    CHECK(disk.at("/disk/source/@name") == "pool/vol");
    CHECK(disk.at("/disk/source/host[1]/@name") == "h1");
    CHECK(disk.at("/disk/source/host[1]/@port") == "6789");
    CHECK(disk.attributesOf("/disk/source/host[2]") == "name");
    CHECK(disk.at("/disk/source/auth/@username") == "cinder");
    CHECK(disk.at("/disk/source/auth/secret/@type") == secret);
    CHECK(disk.at("/disk/source/auth/secret/@uuid") == uuid.str());
    const auto read = readBack(printDisk(request, placement(port, source)));
    CHECK(read.sources == std::vector{reference(volume)});
    REQUIRE(read.volume);
    CHECK(read.volume->hosts == volume.hosts);
}

TEST_CASE("A4: an nbd server's only export needs no name")
{
    const auto source = networkSource({NetworkProtocol::Nbd, "", {{"localhost", 10809}}, std::nullopt});
    CHECK(printed({}, source).attributesOf("/disk/source") == "protocol");
    CHECK_FALSE(printed({}, source).has("/disk/source/auth"));
    CHECK(readBack(printDisk({}, placement(port, source))).sources == std::vector<std::string>{"nbd://localhost:10809/"});
}

TEST_CASE("A disk without a serial gets no empty one")
{
    auto where = placement(port);
    where.serial.clear();
    CHECK_FALSE(Element(printDisk({}, where)).has("/disk/serial"));
}

TEST_CASE("A5: what is printed is read back as it was, at every address")
{
    const Address address = GENERATE(Address(PciAddress{0, 5, 0, 0}), Address(PciAddress{1, 255, 31, 7}),
        Address(PciAddress{0xfffff, 0xabc, 0, 0}), Address(DriveAddress{0, 0, 0, 0}),
        Address(DriveAddress{12, 0, 255, 255}));
    auto where = placement(address);
    where.source.path = "/srv/images/a <b> & \"c\" 'd' \xc3\xa4.img";
    DiskRequest request;
    request.bootOrder = 7;
    request.shared = request.readonly = true;
    const auto disk = readBack(printDisk(request, where));
    CHECK(disk.sources == std::vector{where.source.path});
    CHECK(disk.alias == where.alias);
    CHECK(disk.address == address);
    CHECK(disk.target == "vdb");
    CHECK(disk.serial == "serial-1");
    CHECK(disk.bootOrder == 7u);
    CHECK(disk.shareable);
    CHECK(disk.readonly);
}
