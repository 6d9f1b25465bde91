#include "vm.h"

namespace hotplug::test {

namespace {

Definition empty(Machine machine)
{
    Definition document;
    document.uuid = Uuid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8").value();
    document.name = "shop";
    document.machine = machine;
    return document;
}

} // namespace

Definition q35(unsigned ports)
{
    auto document = empty(Machine::Q35);
    addController(document, "scsi", "virtio-scsi", 0);
    addController(document, "pci", "pcie-root", 0);
    occupy(document, PciAddress{.slot = 2}, "scsi0");
    occupy(document, PciAddress{.slot = 0x1f, .function = 2}, "ide");
    for (unsigned port = 1; port <= ports; ++port) {
        addController(document, "pci", "pcie-root-port", port);
        occupy(document, PciAddress{0, 0, 3 + (port - 1) / 8, (port - 1) % 8}, "pci." + std::to_string(port));
    }
    return document;
}

Definition pc()
{
    auto document = empty(Machine::Pc);
    addController(document, "scsi", "virtio-scsi", 0);
    addController(document, "pci", "pci-root", 0);
    addController(document, "ide", "", 0);
    occupy(document, PciAddress{.slot = 1, .function = 1}, "ide");
    occupy(document, PciAddress{.slot = 3}, "scsi0");
    return document;
}

Controller& addController(Definition& document, const std::string& type, const std::string& model, unsigned index)
{
    return document.controllers.emplace_back(
        Controller{.type = type, .model = model, .index = index, .address = {}, .hotplug = true});
}

void occupy(Definition& document, const Address& address, const std::string& holder)
{
    if (const auto* pci = std::get_if<PciAddress>(&address))
        document.pci.push_back({*pci, holder});
    else
        document.scsi.push_back({std::get<DriveAddress>(address), holder});
}

DomainDisk& addDisk(Definition& document, const std::string& target, const std::string& bus, const std::string& alias,
    const std::optional<Address>& address)
{
    DomainDisk disk;
    disk.device = "disk";
    disk.bus = bus;
    disk.target = target;
    disk.sources = {"/srv/images/" + target + ".img"};
    disk.alias = Alias(alias);
    disk.address = address;
    if (address)
        occupy(document, *address, alias.empty() ? target : alias);
    return document.disks.emplace_back(disk);
}

DomainNic& addNic(Definition& document, const std::string& mac, const std::string& alias,
    const std::optional<Address>& address)
{
    DomainNic nic;
    nic.type = "bridge";
    nic.source = "blue";
    nic.mac = Mac::parse(mac);
    nic.alias = Alias(alias);
    nic.address = address;
    if (address)
        occupy(document, *address, alias.empty() ? mac : alias);
    return document.nics.emplace_back(nic);
}

void fillPorts(Definition& document, unsigned first, unsigned last)
{
    for (unsigned port = first; port <= last; ++port)
        addDisk(document, targetName("vd", port), "virtio", "ua-" + std::to_string(port), PciAddress{.bus = port});
}

HostSource fileSource(const std::string& path, std::vector<std::string> names)
{
    HostSource source;
    source.path = path;
    source.names = names.empty() ? std::vector{path} : std::move(names);
    return source;
}

Domain running(const Definition& live, const std::optional<Definition>& config)
{
    Domain domain;
    domain.status = VmStatus::Running;
    domain.live = live;
    domain.config = config;
    return domain;
}

Domain persistent(const Definition& both)
{
    return running(both, both);
}

Domain transient(const Definition& live)
{
    return running(live, std::nullopt);
}

} // namespace hotplug::test
