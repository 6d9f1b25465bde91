#include "libvirtxml/device_parts.h"
#include "libvirtxml/device_xml.h"

namespace hotplug {

namespace {

const char* typeOf(SourceKind kind)
{
    switch (kind) {
    case SourceKind::File: return "file";
    case SourceKind::Block: return "block";
    case SourceKind::Network: break;
    }
    return "network";
}

CacheMode cacheOf(const DiskRequest& request)
{
    return request.cache.value_or(CacheMode::None);
}

/// As VDSM decides it; libvirt takes native only where the host's cache is passed by.
const char* ioOf(const DiskRequest& request, SourceKind kind)
{
    const bool direct = cacheOf(request) == CacheMode::None || cacheOf(request) == CacheMode::DirectSync;
    return kind == SourceKind::Block && direct ? "native" : "threads";
}

void printDriver(pugi::xml_node disk, const DiskRequest& request, SourceKind kind)
{
    auto driver = disk.append_child("driver");
    set(driver, "name", "qemu");
    set(driver, "type", name(request.format));
    set(driver, "cache", name(cacheOf(request)));
    set(driver, "error_policy", name(request.errorPolicy.value_or(ErrorPolicy::Stop)));
    set(driver, "io", ioOf(request, kind));
    if (request.discard)
        set(driver, "discard", name(*request.discard));
}

const char* secretType(NetworkProtocol protocol)
{
    return protocol == NetworkProtocol::Rbd ? "ceph" : "iscsi";
}

void printAuth(pugi::xml_node source, const NetworkVolume& volume)
{
    auto auth = source.append_child("auth");
    set(auth, "username", volume.auth->username);
    auto secret = auth.append_child("secret");
    set(secret, "type", secretType(volume.protocol));
    set(secret, "uuid", volume.auth->secret.str());
}

void printVolume(pugi::xml_node source, const NetworkVolume& volume)
{
    set(source, "protocol", name(volume.protocol));
    if (!volume.name.empty())
        set(source, "name", volume.name);
    for (const auto& host : volume.hosts) {
        auto node = source.append_child("host");
        set(node, "name", host.name);
        if (host.port)
            set(node, "port", *host.port);
    }
    if (volume.auth)
        printAuth(source, volume);
}

void printSource(pugi::xml_node disk, const DiskRequest& request, const HostSource& from)
{
    auto source = disk.append_child("source");
    if (from.network) {
        printVolume(source, *from.network);
        return;
    }
    set(source, from.kind == SourceKind::Block ? "dev" : "file", from.path);
    if (request.optional)
        set(source, "startupPolicy", "optional");
    if (request.managedReservation)
        set(source.append_child("reservations"), "managed", "yes");
}

void printTarget(pugi::xml_node disk, std::string_view dev, std::string_view bus)
{
    auto target = disk.append_child("target");
    set(target, "dev", dev);
    set(target, "bus", bus);
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

/// For a source of a kind that we never plug any well-formed one does: the twin is found by its target.
void printTwinSource(pugi::xml_node node, const DomainDisk& disk)
{
    if (disk.volume)
        printVolume(node.append_child("source"), *disk.volume);
    else if (!disk.sources.empty())
        set(node.append_child("source"), disk.type == "block" ? "dev" : "file", disk.sources.front());
}

} // namespace

std::string printDisk(const DiskRequest& request, const DiskPlacement& placement)
{
    pugi::xml_document document;
    auto disk = document.append_child("disk");
    set(disk, "type", typeOf(placement.source.kind));
    set(disk, "device", name(request.device));
    printDriver(disk, request, placement.source.kind);
    printSource(disk, request, placement.source);
    printTarget(disk, placement.target, name(request.bus));
    printIoTune(disk, request.ioTune);
    if (request.readonly)
        disk.append_child("readonly");
    if (request.shared)
        disk.append_child("shareable");
    if (!placement.serial.empty())
        disk.append_child("serial").text() = placement.serial.c_str();
    printBootOrder(disk, request.bootOrder);
    printAlias(disk, placement.alias);
    printAddress(disk, placement.address);
    return textOf(disk);
}

std::string printTwin(const DomainDisk& disk)
{
    pugi::xml_document document;
    auto node = document.append_child("disk");
    set(node, "type", disk.volume ? "network" : disk.type == "block" ? "block" : "file");
    set(node, "device", disk.device);
    printTwinSource(node, disk);
    printTarget(node, disk.target, disk.bus);
    return textOf(node);
}

} // namespace hotplug
