#include "libvirtxml/read_device.h"

#include "libvirtxml/read_source.h"

#include <string_view>

namespace hotplug {

namespace {

unsigned numberOr0(const pugi::xml_attribute& attribute)
{
    return readNumber(attribute).value_or(0);
}

PciAddress readPciAddress(const pugi::xml_node& address)
{
    return {numberOr0(address.attribute("domain")), numberOr0(address.attribute("bus")),
        numberOr0(address.attribute("slot")), numberOr0(address.attribute("function"))};
}

std::optional<Address> readAddress(const pugi::xml_node& device)
{
    const auto address = device.child("address");
    const std::string_view type = address.attribute("type").value();
    if (type == "pci")
        return readPciAddress(address);
    if (type == "drive")
        return DriveAddress{numberOr0(address.attribute("controller")), numberOr0(address.attribute("bus")),
            numberOr0(address.attribute("target")), numberOr0(address.attribute("unit"))};
    return std::nullopt;
}

Alias readAlias(const pugi::xml_node& device)
{
    return Alias(device.child("alias").attribute("name").value());
}

std::optional<unsigned> readBootOrder(const pugi::xml_node& device)
{
    return readNumber(device.child("boot").attribute("order"));
}

DomainDisk readDisk(const pugi::xml_node& node)
{
    DomainDisk disk;
    disk.device = node.attribute("device").as_string("disk");
    disk.bus = node.child("target").attribute("bus").value();
    disk.target = node.child("target").attribute("dev").value();
    disk.serial = node.child("serial").text().get();
    readSources(node, disk);
    disk.alias = readAlias(node);
    disk.address = readAddress(node);
    disk.bootOrder = readBootOrder(node);
    disk.shareable = static_cast<bool>(node.child("shareable"));
    disk.readonly = static_cast<bool>(node.child("readonly"));
    return disk;
}

void readLink(const pugi::xml_node& source, DomainNic& nic)
{
    for (const char* key : {"bridge", "network", "dev"})
        if (const auto attribute = source.attribute(key); attribute && nic.source.empty())
            nic.source = attribute.value();
    if (const auto address = source.child("address")) {
        nic.virtualFunction = readPciAddress(address);
        nic.source = nic.virtualFunction->str();
    }
}

DomainNic readNic(const pugi::xml_node& node)
{
    DomainNic nic;
    nic.type = node.attribute("type").value();
    readLink(node.child("source"), nic);
    nic.model = node.child("model").attribute("type").value();
    nic.target = node.child("target").attribute("dev").value();
    nic.mac = Mac::parse(node.child("mac").attribute("address").value());
    nic.alias = readAlias(node);
    nic.address = readAddress(node);
    nic.bootOrder = readBootOrder(node);
    return nic;
}

Controller readController(const pugi::xml_node& node)
{
    Controller controller;
    controller.type = node.attribute("type").value();
    controller.model = node.attribute("model").value();
    controller.index = numberOr0(node.attribute("index"));
    if (const auto address = node.child("address"); address.attribute("type").value() == std::string_view("pci"))
        controller.address = readPciAddress(address);
    controller.hotplug = std::string_view(node.child("target").attribute("hotplug").value()) != "off";
    return controller;
}

/// The most telling name that the document has for a device.
std::string holderName(const pugi::xml_node& device)
{
    for (const auto& name : {device.child("alias").attribute("name"), device.child("target").attribute("dev"),
             device.child("mac").attribute("address")})
        if (name)
            return name.value();
    return device.name();
}

/// A drive address alone does not tell: SATA and IDE disks have one too.
bool isOnScsi(const pugi::xml_node& device)
{
    return std::string_view(device.name()) == "hostdev"
        || std::string_view(device.child("target").attribute("bus").value()) == "scsi";
}

void readOccupant(const pugi::xml_node& node, Definition& definition)
{
    const auto address = readAddress(node);
    if (!address)
        return;
    if (const auto* pci = std::get_if<PciAddress>(&*address))
        definition.pci.push_back({*pci, holderName(node)});
    else if (isOnScsi(node))
        definition.scsi.push_back({std::get<DriveAddress>(*address), holderName(node)});
}

/// The index of `<source>`, `<backingStore>` and `<mirror>`, however deep.
void readStorageNumbers(const pugi::xml_node& node, std::vector<unsigned>& numbers)
{
    for (const auto& child : node.children()) {
        if (const auto number = readNumber(child.attribute("index")))
            numbers.push_back(*number);
        readStorageNumbers(child, numbers);
    }
}

} // namespace

void readDevice(const pugi::xml_node& node, Definition& definition)
{
    const std::string_view element = node.name();
    readOccupant(node, definition);
    if (element == "disk") {
        definition.disks.push_back(readDisk(node));
        readStorageNumbers(node, definition.storageNumbers);
    } else if (element == "interface")
        definition.nics.push_back(readNic(node));
    else if (element == "controller")
        definition.controllers.push_back(readController(node));
}

} // namespace hotplug
