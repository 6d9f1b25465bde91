#include "planning/bus_matrix.h"

#include <algorithm>
#include <fmt/format.h>

namespace hotplug {

namespace {

/// Everything else is refused before libvirt sees it. CD-ROM drives stay where they are; only their medium changes.
constexpr std::pair<Bus, DiskDevice> matrix[] = {
    {Bus::Virtio, DiskDevice::Disk},
    {Bus::Scsi, DiskDevice::Disk},
    {Bus::Scsi, DiskDevice::Lun},
};

[[noreturn]] void refuse(const char* field, const char* sentence)
{
    throw Refusal(Reason::InvalidParameter, sentence).at(field);
}

bool isIscsi(const HostSource& source)
{
    return source.network && source.network->protocol == NetworkProtocol::Iscsi;
}

/// QEMU hands the guest's SCSI commands through: the device itself answers, whoever it says it is.
void requireFitForLun(const DiskRequest& disk, const HostSource& source)
{
    if (source.kind != SourceKind::Block && !isIscsi(source))
        refuse("/device", "a lun is a block device or an iSCSI volume; give device disk for other storage");
    if (disk.format != DiskFormat::Raw)
        refuse("/format", "a lun is passed through as it is; give format raw");
    if (disk.serial)
        refuse("/serial", "a lun shows its own serial; leave it out");
}

} // namespace

bool takesHotPlug(std::string_view bus)
{
    return std::ranges::any_of(matrix, [bus](const auto& entry) { return name(entry.first) == bus; });
}

void requireHotpluggable(const DiskRequest& disk, const HostSource& source)
{
    if (std::ranges::find(matrix, std::pair(disk.bus, disk.device)) == std::end(matrix))
        throw Refusal(Reason::BusNotHotpluggable,
            fmt::format("a {} on the {} bus cannot be plugged into a running VM; use {}", name(disk.device),
                name(disk.bus), disk.device == DiskDevice::Lun ? "scsi" : "virtio or scsi")).at("/iface");
    if (disk.device == DiskDevice::Lun)
        requireFitForLun(disk, source);
    if (disk.managedReservation && (disk.device != DiskDevice::Lun || source.kind != SourceKind::Block))
        refuse("/managed_reservation", "reservations are managed for luns of block devices only; leave it out");
    if (disk.shared && !disk.readonly && disk.format != DiskFormat::Raw)
        refuse("/shared", "several VMs can write to a raw image only; plug it readonly, or not shared");
}

} // namespace hotplug
