#pragma once

#include "planning/planning.h"
#include "vm.h"

namespace hotplug::test {

/// A qcow2 image on a base, that the caller may have named by a link.
inline HostSource newSource(const std::string& asked = "/srv/images/new.qcow2")
{
    auto source = fileSource("/srv/images/new.qcow2", {asked, "/srv/images/new.qcow2"});
    source.backing = {"/srv/images/base.img"};
    return source;
}

inline HostSource blockSource()
{
    auto source = fileSource("/dev/mapper/lun", {"/dev/mapper/lun", "/dev/dm-3"});
    source.kind = SourceKind::Block;
    return source;
}

inline HostSource networkSource(NetworkProtocol protocol)
{
    HostSource source;
    source.kind = SourceKind::Network;
    source.network = NetworkVolume{protocol, "iqn.2026-01.example:x/1", {{"store", std::nullopt}}, std::nullopt};
    source.path = reference(*source.network);
    source.names = {source.path};
    return source;
}

inline DiskRequest newDisk(Bus bus = Bus::Virtio)
{
    DiskRequest disk;
    disk.id = idOf("new");
    disk.source = ImagePath{newSource().path};
    disk.format = DiskFormat::Qcow2;
    disk.bus = bus;
    return disk;
}

inline DiskRequest newLun()
{
    auto disk = newDisk(Bus::Scsi);
    disk.device = DiskDevice::Lun;
    disk.format = DiskFormat::Raw;
    return disk;
}

inline Plan plug(const Domain& domain, const DiskRequest& disk, const HostSource& source,
    std::optional<bool> persist = std::nullopt)
{
    return planPlugDisk(domain, disk, {source, {}}, persist);
}

inline Plan plug(const Domain& domain, const DiskRequest& disk, std::optional<bool> persist = std::nullopt)
{
    const auto* path = std::get_if<ImagePath>(&disk.source);
    return plug(domain, disk, newSource(path ? path->path : newSource().path), persist);
}

inline Refusal refused(const Domain& domain, const DiskRequest& disk, std::optional<bool> persist = std::nullopt)
{
    return refusalOf([&] { plug(domain, disk, persist); });
}

inline Refusal refused(const Domain& domain, const DiskRequest& disk, const HostSource& source)
{
    return refusalOf([&] { plug(domain, disk, source); });
}

/// The planned device as it will stand in the VM.
inline DomainDisk planned(const Plan& plan)
{
    const auto document = parseDefinition("<domain><uuid>" + plan.vm.str() + "</uuid><devices>" + plan.deviceXml
        + "</devices></domain>");
    return document.disks.at(0);
}

} // namespace hotplug::test
