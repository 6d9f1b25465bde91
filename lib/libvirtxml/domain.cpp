#include "libvirtxml/domain.h"

#include "libvirtxml/records.h"

#include <algorithm>
#include <charconv>
#include <pugixml.hpp>
#include <string_view>

namespace hotplug {

namespace {

/// libvirt writes PCI numbers as 0x hex and drive numbers as decimals.
std::optional<unsigned> number(const pugi::xml_attribute& attribute)
{
    std::string_view text = attribute.value();
    int base = 10;
    if (text.starts_with("0x")) {
        text.remove_prefix(2);
        base = 16;
    }
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

unsigned numberOr0(const pugi::xml_attribute& attribute)
{
    return number(attribute).value_or(0);
}

std::optional<Address> parseAddress(const pugi::xml_node& device)
{
    const auto address = device.child("address");
    const std::string_view type = address.attribute("type").value();
    if (type == "pci")
        return PciAddress{numberOr0(address.attribute("domain")), numberOr0(address.attribute("bus")),
            numberOr0(address.attribute("slot")), numberOr0(address.attribute("function"))};
    if (type == "drive")
        return DriveAddress{numberOr0(address.attribute("controller")), numberOr0(address.attribute("bus")),
            numberOr0(address.attribute("target")), numberOr0(address.attribute("unit"))};
    return std::nullopt;
}

std::optional<PciAddress> parsePciAddress(const pugi::xml_node& device)
{
    const auto address = parseAddress(device);
    const auto* pci = address ? std::get_if<PciAddress>(&*address) : nullptr;
    return pci ? std::optional(*pci) : std::nullopt;
}

Alias parseAlias(const pugi::xml_node& device)
{
    return Alias(device.child("alias").attribute("name").value());
}

std::optional<unsigned> parseBootOrder(const pugi::xml_node& device)
{
    return number(device.child("boot").attribute("order"));
}

std::string sourceOf(const pugi::xml_node& source)
{
    for (const char* key : {"file", "dev", "name", "dir", "volume"})
        if (const auto attribute = source.attribute(key))
            return attribute.value();
    return {};
}

std::vector<std::string> parseSources(const pugi::xml_node& disk)
{
    std::vector<std::string> sources;
    for (auto layer = disk; layer; layer = layer.child("backingStore"))
        if (auto source = sourceOf(layer.child("source")); !source.empty())
            sources.push_back(std::move(source));
    return sources;
}

DomainDisk parseDisk(const pugi::xml_node& node)
{
    DomainDisk disk;
    disk.device = node.attribute("device").as_string("disk");
    disk.bus = node.child("target").attribute("bus").value();
    disk.target = node.child("target").attribute("dev").value();
    disk.serial = node.child("serial").text().get();
    disk.sources = parseSources(node);
    disk.alias = parseAlias(node);
    disk.address = parseAddress(node);
    disk.bootOrder = parseBootOrder(node);
    disk.shareable = static_cast<bool>(node.child("shareable"));
    return disk;
}

DomainNic parseNic(const pugi::xml_node& node)
{
    DomainNic nic;
    nic.type = node.attribute("type").value();
    const auto source = node.child("source");
    for (const char* key : {"bridge", "network", "dev"})
        if (const auto attribute = source.attribute(key); attribute && nic.source.empty())
            nic.source = attribute.value();
    nic.model = node.child("model").attribute("type").value();
    nic.target = node.child("target").attribute("dev").value();
    nic.mac = Mac::parse(node.child("mac").attribute("address").value());
    nic.alias = parseAlias(node);
    nic.address = parseAddress(node);
    nic.bootOrder = parseBootOrder(node);
    return nic;
}

Controller parseController(const pugi::xml_node& node)
{
    Controller controller;
    controller.type = node.attribute("type").value();
    controller.model = node.attribute("model").value();
    controller.index = numberOr0(node.attribute("index"));
    controller.address = parsePciAddress(node);
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

Machine parseMachine(std::string_view machine)
{
    if (machine.find("q35") != std::string_view::npos)
        return Machine::Q35;
    if (machine == "pc" || machine.starts_with("pc-"))
        return Machine::Pc;
    return Machine::Other;
}

std::uint64_t parseMemoryMiB(const pugi::xml_node& domain)
{
    constexpr std::uint64_t kibPerMib = 1024;   // libvirt always prints KiB
    return domain.child("memory").text().as_ullong() / kibPerMib;
}

/// A drive address alone does not tell: SATA and IDE disks have one too.
bool isOnScsi(const pugi::xml_node& device)
{
    return std::string_view(device.name()) == "hostdev"
        || std::string_view(device.child("target").attribute("bus").value()) == "scsi";
}

void parseDevice(const pugi::xml_node& node, Definition& definition)
{
    const std::string_view element = node.name();
    const auto address = parseAddress(node);
    if (const auto* pci = address ? std::get_if<PciAddress>(&*address) : nullptr)
        definition.pci.push_back({*pci, holderName(node)});
    if (const auto* unit = address ? std::get_if<DriveAddress>(&*address) : nullptr; unit && isOnScsi(node))
        definition.scsi.push_back({*unit, holderName(node)});
    if (element == "disk")
        definition.disks.push_back(parseDisk(node));
    else if (element == "interface")
        definition.nics.push_back(parseNic(node));
    else if (element == "controller")
        definition.controllers.push_back(parseController(node));
}

pugi::xml_document load(const std::string& xml)
{
    pugi::xml_document document;
    if (const auto result = document.load_buffer(xml.data(), xml.size()); !result)
        throw XmlError(std::string("domain XML: ") + result.description());
    return document;
}

Definition readDefinition(const pugi::xml_node& domain)
{
    const auto uuid = Uuid::parse(domain.child("uuid").text().get());
    if (!uuid)
        throw XmlError("domain XML: no UUID");
    Definition definition;
    definition.uuid = *uuid;
    definition.name = domain.child("name").text().get();
    definition.machine = parseMachine(domain.child("os").child("type").attribute("machine").value());
    definition.memoryMiB = parseMemoryMiB(domain);
    definition.bootDevices = static_cast<bool>(domain.child("os").child("boot"));
    for (const auto& node : domain.child("devices").children())
        parseDevice(node, definition);
    return definition;
}

} // namespace

std::string nameInDefinition(const std::string& xml)
{
    pugi::xml_document document;
    document.load_buffer(xml.data(), xml.size());
    return document.child("domain").child("name").text().get();
}

Definition parseDefinition(const std::string& xml)
{
    return readDefinition(load(xml).child("domain"));
}

Domain parseDomain(VmStatus status, const std::optional<std::string>& live, const std::optional<std::string>& config)
{
    Domain domain;
    domain.status = status;
    for (const auto* xml : {&config, &live}) {
        if (!*xml)
            continue;
        const auto document = load(**xml);
        const auto root = document.child("domain");
        (xml == &live ? domain.live : domain.config) = readDefinition(root);
        const auto found = readRecords(root);
        if (!found.problem.empty())
            domain.recordsProblem = found.problem;
        if (found.records && found.records->counter >= domain.records.counter)
            domain.records = *found.records;
    }
    return domain;
}

} // namespace hotplug
