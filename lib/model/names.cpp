#include "model/outcome.h"

#include <algorithm>
#include <stdexcept>

namespace hotplug {

namespace {

[[noreturn]] void unnamed()
{
    throw std::logic_error("an enumerator without a name");
}

} // namespace

std::string_view name(DeviceKind kind)
{
    return kind == DeviceKind::Disk ? "disk" : "nic";
}

std::string_view name(DiskDevice device)
{
    return device == DiskDevice::Disk ? "disk" : "lun";
}

std::string_view name(NetworkProtocol protocol)
{
    switch (protocol) {
    case NetworkProtocol::Iscsi: return "iscsi";
    case NetworkProtocol::Nbd: return "nbd";
    case NetworkProtocol::Rbd: return "rbd";
    }
    unnamed();
}

std::string_view name(NicKind kind)
{
    switch (kind) {
    case NicKind::Bridge: return "bridge";
    case NicKind::Bridgeless: return "bridgeless";
    case NicKind::Sriov: return "sriov";
    case NicKind::Vnlink: return "vnlink";
    }
    unnamed();
}

std::string_view name(Bus bus)
{
    switch (bus) {
    case Bus::Virtio: return "virtio";
    case Bus::Scsi: return "scsi";
    case Bus::Sata: return "sata";
    case Bus::Ide: return "ide";
    }
    unnamed();
}

std::string_view name(DiskFormat format)
{
    return format == DiskFormat::Raw ? "raw" : "qcow2";
}

std::string_view name(CacheMode mode)
{
    switch (mode) {
    case CacheMode::None: return "none";
    case CacheMode::Writethrough: return "writethrough";
    case CacheMode::Writeback: return "writeback";
    case CacheMode::DirectSync: return "directsync";
    case CacheMode::Unsafe: return "unsafe";
    }
    unnamed();
}

std::string_view name(DiscardMode mode)
{
    return mode == DiscardMode::Unmap ? "unmap" : "ignore";
}

std::string_view name(ErrorPolicy policy)
{
    switch (policy) {
    case ErrorPolicy::Stop: return "stop";
    case ErrorPolicy::Enospace: return "enospace";
    case ErrorPolicy::Report: return "report";
    }
    unnamed();
}

std::string_view name(NicModel model)
{
    switch (model) {
    case NicModel::Virtio: return "virtio";
    case NicModel::Rtl8139: return "rtl8139";
    case NicModel::E1000: return "e1000";
    case NicModel::E1000e: return "e1000e";
    }
    unnamed();
}

std::string_view name(Outcome outcome)
{
    switch (outcome) {
    case Outcome::Running: return "running";
    case Outcome::Done: return "done";
    case Outcome::Refused: return "refused";
    case Outcome::Failed: return "failed";
    case Outcome::Pending: return "pending";
    case Outcome::Cancelled: return "cancelled";
    case Outcome::Moved: return "moved";
    }
    unnamed();
}

std::string_view name(Goal goal)
{
    return goal == Goal::Plug ? "plug" : "unplug";
}

std::string_view name(DeviceState state)
{
    switch (state) {
    case DeviceState::Unplugged: return "unplugged";
    case DeviceState::Plugging: return "plugging";
    case DeviceState::Plugged: return "plugged";
    case DeviceState::Unplugging: return "unplugging";
    case DeviceState::Drifted: return "drifted";
    }
    unnamed();
}

std::string_view name(VmStatus status)
{
    switch (status) {
    case VmStatus::Down: return "Down";
    case VmStatus::Running: return "Up";
    case VmStatus::Paused: return "Paused";
    case VmStatus::ShuttingDown: return "Powering down";
    case VmStatus::Crashed: return "Crashed";
    case VmStatus::Suspended: return "Suspended";
    }
    unnamed();
}

std::size_t maxSerial(Bus bus)
{
    constexpr std::size_t scsi = 36, others = 20;
    return bus == Bus::Scsi ? scsi : others;
}

const Plan* Intent::find(const Alias& alias) const
{
    const auto found = std::ranges::find(plans, alias, &Plan::alias);
    return found == plans.end() ? nullptr : &*found;
}

const DeviceRecord* VmRecord::find(const DeviceId& id) const
{
    const auto found = std::ranges::find(devices, id, &DeviceRecord::id);
    return found == devices.end() ? nullptr : &*found;
}

} // namespace hotplug
