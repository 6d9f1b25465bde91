#include "libvirtxml/device_xml.h"

#include <fmt/format.h>
#include <pugixml.hpp>
#include <sstream>

namespace hotplug {

namespace {

void set(pugi::xml_node node, const char* key, std::string_view value)
{
    node.append_attribute(key) = std::string(value).c_str();
}

void printAddress(pugi::xml_node device, const PciAddress& address)
{
    auto node = device.append_child("address");
    set(node, "type", "pci");
    set(node, "domain", fmt::format("0x{:04x}", address.domain));
    set(node, "bus", fmt::format("0x{:02x}", address.bus));
    set(node, "slot", fmt::format("0x{:02x}", address.slot));
    set(node, "function", fmt::format("0x{:x}", address.function));
}

void printAddress(pugi::xml_node device, const DriveAddress& address)
{
    auto node = device.append_child("address");
    set(node, "type", "drive");
    set(node, "controller", std::to_string(address.controller));
    set(node, "bus", std::to_string(address.bus));
    set(node, "target", std::to_string(address.target));
    set(node, "unit", std::to_string(address.unit));
}

void printDriver(pugi::xml_node disk, const DiskRequest& request)
{
    auto driver = disk.append_child("driver");
    set(driver, "name", "qemu");
    set(driver, "type", name(request.format));
    if (request.cache)
        set(driver, "cache", name(*request.cache));
    if (request.errorPolicy)
        set(driver, "error_policy", name(*request.errorPolicy));
    if (request.discard)
        set(driver, "discard", name(*request.discard));
}

void printIoTune(pugi::xml_node disk, const IoTune& tune)
{
    if (tune == IoTune{})
        return;
    auto node = disk.append_child("iotune");
    const auto limit = [&node](const char* key, const std::optional<std::uint64_t>& value) {
        if (value)
            node.append_child(key).text() = static_cast<unsigned long long>(*value);
    };
    limit("total_bytes_sec", tune.totalBytesSec);
    limit("read_bytes_sec", tune.readBytesSec);
    limit("write_bytes_sec", tune.writeBytesSec);
    limit("total_iops_sec", tune.totalIopsSec);
    limit("read_iops_sec", tune.readIopsSec);
    limit("write_iops_sec", tune.writeIopsSec);
}

void printBootOrder(pugi::xml_node device, const std::optional<unsigned>& order)
{
    if (order)
        device.append_child("boot").append_attribute("order") = *order;
}

void printAlias(pugi::xml_node device, const Alias& alias)
{
    set(device.append_child("alias"), "name", alias.str());
}

std::string text(const pugi::xml_node& node)
{
    std::ostringstream out;
    node.print(out, "  ");
    return out.str();
}

} // namespace

std::string printDisk(const DiskRequest& request, const DiskPlacement& placement)
{
    pugi::xml_document document;
    auto disk = document.append_child("disk");
    set(disk, "type", "file");
    set(disk, "device", "disk");
    printDriver(disk, request);
    auto source = disk.append_child("source");
    set(source, "file", placement.source.path);
    if (request.optional)
        set(source, "startupPolicy", "optional");
    auto target = disk.append_child("target");
    set(target, "dev", placement.target);
    set(target, "bus", name(request.bus));
    printIoTune(disk, request.ioTune);
    if (request.readonly)
        disk.append_child("readonly");
    if (request.shared)
        disk.append_child("shareable");
    if (!placement.serial.empty())
        disk.append_child("serial").text() = placement.serial.c_str();
    printBootOrder(disk, request.bootOrder);
    printAlias(disk, placement.alias);
    std::visit([&disk](const auto& address) { printAddress(disk, address); }, placement.address);
    return text(disk);
}

std::string printNic(const NicRequest& request, const NicPlacement& placement)
{
    pugi::xml_document document;
    auto nic = document.append_child("interface");
    set(nic, "type", "bridge");
    set(nic.append_child("mac"), "address", placement.mac.str());
    set(nic.append_child("source"), "bridge", request.bridge);
    set(nic.append_child("model"), "type", name(request.model));
    if (request.mtu)
        nic.append_child("mtu").append_attribute("size") = *request.mtu;
    if (!request.linkUp)
        set(nic.append_child("link"), "state", "down");
    printBootOrder(nic, request.bootOrder);
    printAlias(nic, placement.alias);
    printAddress(nic, placement.address);
    return text(nic);
}

namespace {

/// libvirt finds a NIC by MAC and address, but first wants its source where the type has one.
const char* sourceKey(const std::string& nicType)
{
    if (nicType == "bridge" || nicType == "network")
        return nicType.c_str();
    return "dev";
}

} // namespace

std::string printTwin(const DomainDisk& disk)
{
    pugi::xml_document document;
    auto node = document.append_child("disk");
    set(node, "type", "file");
    set(node, "device", disk.device);
    if (!disk.sources.empty())
        set(node.append_child("source"), "file", disk.sources.front());
    auto target = node.append_child("target");
    set(target, "dev", disk.target);
    set(target, "bus", disk.bus);
    return text(node);
}

std::string printTwin(const DomainNic& nic)
{
    pugi::xml_document document;
    auto node = document.append_child("interface");
    set(node, "type", nic.type);
    if (nic.mac)
        set(node.append_child("mac"), "address", nic.mac->str());
    if (!nic.source.empty())
        set(node.append_child("source"), sourceKey(nic.type), nic.source);
    if (nic.address)
        std::visit([&node](const auto& address) { printAddress(node, address); }, *nic.address);
    return text(node);
}

} // namespace hotplug
