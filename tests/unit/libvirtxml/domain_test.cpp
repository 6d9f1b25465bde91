#include "support/catch.h"

#include "data.h"
#include "libvirtxml/domain.h"

#include <algorithm>
#include <chrono>
#include <iostream>

using namespace hotplug;
using namespace hotplug::test;

namespace {

const DomainDisk& diskAt(const Definition& document, const std::string& target)
{
    const auto found = std::ranges::find(document.disks, target, &DomainDisk::target);
    REQUIRE(found != document.disks.end());
    return *found;
}

const Controller& controllerAt(const Definition& document, const std::string& type, unsigned index)
{
    const auto found = std::ranges::find_if(document.controllers,
        [&](const auto& one) { return one.type == type && one.index == index; });
    REQUIRE(found != document.controllers.end());
    return *found;
}

std::string holderAt(const Definition& document, const PciAddress& address)
{
    const auto found = std::ranges::find(document.pci, address, &PciOccupant::address);
    return found == document.pci.end() ? "nobody" : found->holder;
}

using Sources = std::vector<std::string>;

} // namespace

TEST_CASE("A live q35 VM is read with its identity, disks, NICs and controllers")
{
    const auto live = parseDefinition(readDocument("q35-live.xml"));
    CHECK(live.uuid == Uuid::parse("3b6c1a5e-0f0e-4c58-9a35-6a7a0c7a4c11"));
    CHECK(live.name == "shop");
    CHECK(live.machine == Machine::Q35);
    CHECK(live.memoryMiB == 64);
    CHECK_FALSE(live.bootDevices);
    CHECK(live.disks.size() == 5);
    CHECK(live.nics.size() == 2);
    CHECK(live.controllers.size() == 11);
}

TEST_CASE("A live disk is read with every layer behind it, the top one first")
{
    const auto live = parseDefinition(readDocument("q35-live.xml"));
    const auto& root = diskAt(live, "vda");
    CHECK(root.sources == Sources{"/srv/images/top.qcow2", "/srv/images/mid.qcow2", "/srv/images/base.qcow2"});
    CHECK(root.device == "disk");
    CHECK(root.bus == "virtio");
    CHECK(root.serial == "root-disk");
    CHECK(root.alias.str() == "ua-root");
    CHECK(root.address == Address(PciAddress{.bus = 4}));
    CHECK(root.bootOrder == 1u);
    CHECK_FALSE(root.shareable);
}

TEST_CASE("SCSI disks and empty CD-ROM drives are read with their drive addresses")
{
    const auto live = parseDefinition(readDocument("q35-live.xml"));
    const auto& data = diskAt(live, "sda");
    CHECK(data.bus == "scsi");
    CHECK(data.shareable);
    CHECK(data.serial.empty());
    CHECK_FALSE(data.bootOrder);
    CHECK(data.address == Address(DriveAddress{0, 0, 0, 0}));
    const auto& cdrom = diskAt(live, "sdb");
    CHECK(cdrom.device == "cdrom");
    CHECK(cdrom.bus == "sata");
    CHECK(cdrom.sources.empty());
    CHECK(cdrom.address == Address(DriveAddress{0, 0, 0, 1}));
}

TEST_CASE("A device that others attached has libvirt's alias live and none in the definition")
{
    const auto live = parseDefinition(readDocument("q35-live.xml"));
    const auto config = parseDefinition(readDocument("q35-config.xml"));
    CHECK(diskAt(live, "vdb").alias.str() == "virtio-disk1");
    CHECK(diskAt(config, "vdb").alias.empty());
    CHECK(diskAt(config, "vdb").sources == Sources{"/srv/images/foreign.img"});
    CHECK(diskAt(config, "vda").alias.str() == "ua-root");
    CHECK(diskAt(config, "vda").sources == Sources{"/srv/images/top.qcow2"});
    CHECK(std::ranges::find(config.disks, "vdc", &DomainDisk::target) == config.disks.end());
}

TEST_CASE("B9: NICs are read with bridge, model, MAC, tap, address and boot order")
{
    const auto live = parseDefinition(readDocument("q35-live.xml"));
    const auto& ours = live.nics.at(0);
    CHECK(ours.type == "bridge");
    CHECK(ours.source == "hp0");
    CHECK(ours.model == "virtio");
    CHECK(ours.target == "vnet0");
    CHECK(ours.mac == Mac::parse("52:54:00:11:22:33"));
    CHECK(ours.alias.str() == "ua-nic_1");
    CHECK(ours.address == Address(PciAddress{.bus = 1}));
    const auto& foreign = live.nics.at(1);
    CHECK(foreign.model == "e1000e");
    CHECK(foreign.alias.str() == "net0");
    CHECK(foreign.bootOrder == 2u);
    CHECK(parseDefinition(readDocument("q35-config.xml")).nics.at(0).target.empty());
}

TEST_CASE("P1: controllers are read with model, bus number and whether they take hot plug")
{
    const auto live = parseDefinition(readDocument("q35-live.xml"));
    CHECK(controllerAt(live, "pci", 0).model == "pcie-root");
    CHECK(controllerAt(live, "pci", 5).model == "pcie-root-port");
    CHECK(controllerAt(live, "pci", 5).hotplug);
    CHECK_FALSE(controllerAt(live, "pci", 6).hotplug);
    CHECK(controllerAt(live, "pci", 6).address == PciAddress{0, 0, 1, 5});
    CHECK(controllerAt(live, "scsi", 0).model == "virtio-scsi");
    CHECK(controllerAt(live, "scsi", 0).address == PciAddress{.bus = 3});
    CHECK_FALSE(controllerAt(live, "pci", 0).address);
}

TEST_CASE("P1: whatever sits on PCI is known with the most telling name that the document has")
{
    const auto live = parseDefinition(readDocument("q35-live.xml"));
    CHECK(holderAt(live, {.bus = 4}) == "ua-root");
    CHECK(holderAt(live, {.bus = 7}) == "virtio-disk2");
    CHECK(holderAt(live, {.bus = 1}) == "ua-nic_1");
    CHECK(holderAt(live, {.bus = 3}) == "scsi0");
    CHECK(holderAt(live, {.slot = 0x1f, .function = 2}) == "ide");
    CHECK(holderAt(live, {.bus = 6}) == "nobody");
    const auto config = parseDefinition(readDocument("q35-config.xml"));
    CHECK(holderAt(config, {.bus = 5}) == "vdb");
    CHECK(holderAt(config, {.bus = 2}) == "52:54:00:11:22:44");
    CHECK(holderAt(config, {.bus = 3}) == "controller");
    CHECK(holderAt(config, {.bus = 7}) == "nobody");
}

TEST_CASE("P3: only what sits on SCSI occupies a SCSI unit, host devices too")
{
    const auto live = parseDefinition(readDocument("q35-live.xml"));
    REQUIRE(live.scsi.size() == 1);
    CHECK(live.scsi.front().holder == "ua-data_1");
    const auto other = parseDefinition(domainAround(
        "<hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_host2'/><address bus='0' target='0' unit='0'/>"
        "</source><alias name='hostdev0'/><address type='drive' controller='0' bus='0' target='0' unit='7'/></hostdev>"));
    REQUIRE(other.scsi.size() == 1);
    CHECK(other.scsi.front().address == DriveAddress{0, 0, 0, 7});
    CHECK(other.scsi.front().holder == "hostdev0");
}

TEST_CASE("P2: a live pc VM is read with its conventional buses")
{
    const auto live = parseDefinition(readDocument("pc-live.xml"));
    CHECK(live.machine == Machine::Pc);
    CHECK(controllerAt(live, "pci", 0).model == "pci-root");
    CHECK(controllerAt(live, "pci", 1).model == "pci-bridge");
    CHECK(holderAt(live, {.slot = 2}) == "pci.1");
    CHECK(holderAt(live, {.slot = 1, .function = 1}) == "ide");
    CHECK(diskAt(live, "vda").address == Address(PciAddress{.slot = 6}));
    CHECK(diskAt(live, "hda").bus == "ide");
    CHECK(live.scsi.size() == 1);
}

TEST_CASE("A host device's own address on the host occupies nothing in the VM")
{
    const auto document = parseDefinition(domainAround(
        "<hostdev mode='subsystem' type='pci'><source><address domain='0x0000' bus='0x06' slot='0x02' function='0x5'/>"
        "</source><alias name='hostdev0'/><address type='pci' domain='0x0000' bus='0x05' slot='0x00' function='0x0'/></hostdev>"));
    REQUIRE(document.pci.size() == 1);
    CHECK(document.pci.front().address == PciAddress{.bus = 5});
}

TEST_CASE("NICs of every type are read")
{
    struct Case {
        const char *type, *source, *expected;
    };
    const auto [type, source, expected] = GENERATE(Case{"bridge", "<source bridge='blue'/>", "blue"},
        Case{"network", "<source network='default'/>", "default"},
        Case{"direct", "<source dev='eth0' mode='bridge'/>", "eth0"}, Case{"user", "", ""}, Case{"ethernet", "", ""},
        Case{"hostdev", "<source><address type='pci' domain='0x0' bus='0x0' slot='0x7' function='0x0'/></source>", "0000:00:07.0"});
    CAPTURE(type);
    const auto document = parseDefinition(domainAround(std::string("<interface type='") + type
        + "'><mac address='52:54:00:00:00:01'/>" + source + "<target dev='vnet7'/></interface>"));
    REQUIRE(document.nics.size() == 1);
    CHECK(document.nics.front().type == type);
    CHECK(document.nics.front().source == expected);
    CHECK(document.nics.front().target == "vnet7");
    CHECK(document.pci.empty());
}

TEST_CASE("C2: a boot device of the whole VM is noticed")
{
    auto xml = domainAround("");
    CHECK_FALSE(parseDefinition(xml).bootDevices);
    xml.replace(xml.find("</os>"), 0, "<boot dev='hd'/>");
    CHECK(parseDefinition(xml).bootDevices);
}

TEST_CASE("Machines are known by their type's name")
{
    struct Case {
        const char* machine;
        Machine expected;
    };
    const auto [machine, expected] = GENERATE(Case{"pc-q35-7.2", Machine::Q35}, Case{"q35", Machine::Q35},
        Case{"pc-i440fx-7.2", Machine::Pc}, Case{"pc", Machine::Pc}, Case{"microvm", Machine::Other},
        Case{"virt-7.2", Machine::Other}, Case{"pseries", Machine::Other});
    CAPTURE(machine);
    auto xml = domainAround("");
    xml.replace(xml.find("pc-q35-7.2"), 10, machine);
    CHECK(parseDefinition(xml).machine == expected);
}

TEST_CASE("What libvirt would never print is refused")
{
    const auto xml = GENERATE(as<std::string>{}, "", "no xml", "<domain>", "<domain></domain>",
        "<domain><uuid>of-no-use</uuid></domain>", "<network><uuid>3b6c1a5e-0f0e-4c58-9a35-6a7a0c7a4c33</uuid></network>");
    CAPTURE(xml);
    CHECK_THROWS_AS(parseDefinition(xml), XmlError);
    CHECK_THROWS_AS(parseDomain(VmStatus::Running, xml, std::nullopt), XmlError);
}

TEST_CASE("A VM has a live document while it runs and a persistent one while it is defined")
{
    const auto live = readDocument("q35-live.xml"), config = readDocument("q35-config.xml");
    const auto both = parseDomain(VmStatus::Running, live, config);
    CHECK(both.persistent());
    CHECK(both.live->disks.size() == 5);
    CHECK(both.config->disks.size() == 4);
    CHECK(&both.any() == &*both.live);
    const auto transient = parseDomain(VmStatus::Running, live, std::nullopt);
    CHECK_FALSE(transient.persistent());
    const auto down = parseDomain(VmStatus::Down, std::nullopt, config);
    CHECK_FALSE(down.live);
    CHECK(down.any().name == "shop");
    CHECK(down.status == VmStatus::Down);
}

TEST_CASE("A VM with 500 devices is read as any other")
{
    constexpr unsigned count = 500;
    std::string devices;
    for (unsigned i = 0; i < count; ++i)
        devices += "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/srv/images/"
            + std::to_string(i) + ".qcow2' index='3'/><backingStore/><target dev='" + targetName("sd", i)
            + "' bus='scsi'/><alias name='ua-" + std::to_string(i)
            + "'/><address type='drive' controller='0' bus='0' target='" + std::to_string(i / 256) + "' unit='"
            + std::to_string(i % 256) + "'/></disk>";
    const auto xml = domainAround(devices);
    const auto start = std::chrono::steady_clock::now();
    const auto domain = parseDomain(VmStatus::Running, xml, xml);
    const auto took = std::chrono::steady_clock::now() - start;
    CHECK(domain.live->disks.size() == count);
    CHECK(domain.config->scsi.size() == count);
    CHECK(domain.live->disks.back().address == Address(DriveAddress{0, 0, 1, 243}));
    std::cout << "two documents of " << xml.size() / 1024 << " KiB, 500 disks each, read in "
              << std::chrono::duration_cast<std::chrono::microseconds>(took).count() << " us\n";
}
