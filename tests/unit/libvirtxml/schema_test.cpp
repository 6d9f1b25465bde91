#include "support/catch.h"

#include "data.h"
#include "libvirtxml/device_xml.h"

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

} // namespace

TEST_CASE("A3: libvirt's schema knows every disk that we print")
{
    const HostSource source{"/srv/images/a & b.img", DiskFormat::Raw, {}, 0};
    const auto simple = printDisk({}, {Alias("ua-1"), PciAddress{.bus = 1}, "vda", "1", source});
    const auto full = printDisk(everything(Bus::Virtio), {Alias("ua-2"), PciAddress{.bus = 2}, "vdb", "2", source});
    const auto scsi = printDisk(everything(Bus::Scsi), {Alias("ua-3"), DriveAddress{0, 0, 7, 255}, "sda", "3", source});
    CHECK(isValidDomain(domainAround(simple + full + scsi)));
}

TEST_CASE("B9: libvirt's schema knows every NIC that we print")
{
    NicRequest plain;
    plain.bridge = "blue";
    auto full = plain;
    full.model = NicModel::E1000e;
    full.bootOrder = 1;
    full.mtu = 1400;
    full.linkUp = false;
    const auto mac = *Mac::parse("52:54:00:00:00:01");
    CHECK(isValidDomain(domainAround(printNic(plain, {Alias("ua-1"), {.bus = 1}, mac})
        + printNic(full, {Alias("ua-2"), {.bus = 2}, mac}))));
}

TEST_CASE("libvirt's schema knows the twins that we print")
{
    const auto config = parseDefinition(readDocument("q35-config.xml"));
    std::string devices;
    for (const auto& disk : config.disks)
        devices += printTwin(disk);
    for (const auto& nic : config.nics)
        devices += printTwin(nic);
    CHECK(isValidDomain(domainAround(devices)));
}

TEST_CASE("The schema would tell a wrong device from a right one")
{
    CHECK_FALSE(isValidDomain(domainAround("<disk type='file'><no-such-element/></disk>")));
}
