#include "data.h"
#include "libvirtxml/device_xml.h"
#include "support/catch.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace hotplug;
using namespace hotplug::test;

namespace {

/// libvirt's own schema, by the tool that comes with its clients.
bool isValidDomain(const std::string& xml)
{
    std::string folder = std::filesystem::temp_directory_path() / "hotplugd-test-XXXXXX";
    REQUIRE(::mkdtemp(folder.data()) != nullptr);
    const auto file = folder + "/domain.xml";
    std::ofstream(file) << xml;
    const auto status = std::system(("virt-xml-validate " + file + " domain >/dev/null 2>&1").c_str());
    std::filesystem::remove_all(folder);
    return status == 0;
}

DiskRequest everything(Bus bus)
{
    DiskRequest request;
    request.bus = bus;
    request.bootOrder = 3;
    request.errorPolicy = ErrorPolicy::Report;
    request.cache = CacheMode::None;
    request.discard = DiscardMode::Ignore;
    request.shared = request.readonly = request.optional = true;
    request.ioTune = {.totalBytesSec = {}, .readBytesSec = 1, .writeBytesSec = 2, .totalIopsSec = {}, .readIopsSec = 3,
        .writeIopsSec = 4};
    return request;
}

std::string printed(const DiskRequest& request, const HostSource& source, const std::string& serial = "1")
{
    const auto address = request.bus == Bus::Scsi ? Address(DriveAddress{0, 0, 7, 255}) : Address(PciAddress{.bus = 1});
    return printDisk(request, {Alias("ua-1"), address, request.bus == Bus::Scsi ? "sda" : "vda", serial, source});
}

std::string printed(const NicRequest& request)
{
    return printNic(request, {Alias("ua-1"), {.bus = 1}, Mac::parse("52:54:00:00:00:01").value()});
}

NicRequest nicOf(NicKind kind)
{
    NicRequest request;
    request.kind = kind;
    request.network = "blue";
    request.bootOrder = 1;
    return request;
}

} // namespace

TEST_CASE("A3: libvirt's schema knows every disk of an image that we print")
{
    const auto source = fileSource("/srv/images/a & b.img");
    CHECK(isValidDomain(domainAround(printed({}, source) + printed(everything(Bus::Virtio), source)
        + printed(everything(Bus::Scsi), source))));
}

TEST_CASE("A4: libvirt's schema knows every disk and lun of a block device that we print")
{
    auto lun = everything(Bus::Scsi);
    lun.device = DiskDevice::Lun;
    lun.managedReservation = true;
    CHECK(isValidDomain(domainAround(printed({}, blockSource()) + printed(everything(Bus::Virtio), blockSource())
        + printed(lun, blockSource(), ""))));
}

TEST_CASE("A4: libvirt's schema knows every disk of a network volume that we print")
{
    const NetworkAuth auth{"cinder", Uuid::random()};
    const NetworkVolume iscsi{NetworkProtocol::Iscsi, "iqn.2026-01.org.example:a/1", {{"store", 3260}}, auth};
    const NetworkVolume rbd{NetworkProtocol::Rbd, "pool/vol", {{"h1", 6789}, {"h2", std::nullopt}}, auth};
    const NetworkVolume nbd{NetworkProtocol::Nbd, "", {{"127.0.0.1", std::nullopt}}, std::nullopt};
    auto lun = everything(Bus::Scsi);
    lun.device = DiskDevice::Lun;
    CHECK(isValidDomain(domainAround(printed(lun, networkSource(iscsi), "") + printed({}, networkSource(iscsi))
        + printed(everything(Bus::Virtio), networkSource(rbd)) + printed({}, networkSource(nbd)))));
}

TEST_CASE("B9: libvirt's schema knows every NIC that we print")
{
    auto full = nicOf(NicKind::Bridge);
    full.mtu = 1400;
    full.queues = 4;
    full.linkUp = false;
    full.isolated = true;
    full.inbound = {1000, 5000, 1024};
    full.outbound.average = 128;
    full.filter = "clean-traffic";
    full.filterParameters = {{"IP", "10.0.0.1"}};
    auto bridgeless = nicOf(NicKind::Bridgeless);
    bridgeless.model = NicModel::E1000e;
    bridgeless.outbound.average = 128;
    auto vnlink = nicOf(NicKind::Vnlink);
    vnlink.profile = "finance";
    auto sriov = nicOf(NicKind::Sriov);
    sriov.virtualFunction = PciAddress{0, 3, 0x10, 1};
    for (const auto& nic : {nicOf(NicKind::Bridge), full, bridgeless, vnlink, sriov}) {
        CAPTURE(printed(nic));
        CHECK(isValidDomain(domainAround(printed(nic))));
    }
}

TEST_CASE("libvirt's schema knows the twins that we print")
{
    const auto config = parseDefinition(readDocument("q35-config.xml"));
    std::string devices;
    for (const auto& disk : config.disks)
        devices += printTwin(disk);
    for (const auto& nic : config.nics)
        devices += printTwin(nic);
    const auto others = parseDefinition(domainAround(printed({}, blockSource())
        + printed({}, networkSource({NetworkProtocol::Rbd, "pool/vol", {{"h1", 6789}}, std::nullopt}))));
    for (const auto& disk : others.disks)
        devices += printTwin(disk);
    CHECK(isValidDomain(domainAround(devices)));
}

TEST_CASE("The schema would tell a wrong device from a right one")
{
    CHECK_FALSE(isValidDomain(domainAround("<disk type='file'><no-such-element/></disk>")));
}
