#include "base/reason.h"

#include <algorithm>
#include <stdexcept>

namespace hotplug {

namespace {

constexpr auto byVerb = std::nullopt;

constexpr ReasonEntry table[] = {
    {Reason::VmNotFound, "VM_NOT_FOUND", 1, 404, "No VM with this UUID or name is known to libvirt."},
    {Reason::VmExists, "VM_EXISTS", 4, 409, "A VM with this UUID or name exists already."},
    {Reason::VmNotUp, "VM_NOT_UP", byVerb, 409, "The VM is not in the state that the verb needs."},
    {Reason::VmNotPersistent, "VM_NOT_PERSISTENT", byVerb, 409, "The VM is transient and has no definition to keep the change in."},
    {Reason::Migrating, "MIGRATING", 51, 409, "A migration, save or dump of the VM is running."},
    {Reason::Recovering, "RECOVERING", 99, 503, "Operations left open by a restart are being settled for this VM."},
    {Reason::LibvirtUnavailable, "LIBVIRT_UNAVAILABLE", 99, 503, "libvirt does not answer; the outcome is settled when it is back."},
    {Reason::TooBusy, "TOO_BUSY", byVerb, 503, "A queue or pool is full, or the deadline passed while the call was queued."},
    {Reason::MissingParameter, "MISSING_PARAMETER", 11, 400, "A parameter is missing that the schema cannot require."},
    {Reason::InvalidParameter, "INVALID_PARAMETER", 91, 400, "A parameter has a value that the schema cannot exclude."},
    {Reason::BusNotHotpluggable, "BUS_NOT_HOTPLUGGABLE", byVerb, 409, "Devices on this bus cannot be plugged into a running VM."},
    {Reason::AlreadyPlugged, "ALREADY_PLUGGED", byVerb, 409, "The VM has this device already."},
    {Reason::NotPlugged, "NOT_PLUGGED", byVerb, 409, "The VM runs without this device."},
    {Reason::DeviceNotFound, "DEVICE_NOT_FOUND", byVerb, 404, "No device of the VM agrees with what was named."},
    {Reason::AmbiguousDevice, "AMBIGUOUS_DEVICE", byVerb, 409, "Several devices of the VM agree with what was named."},
    {Reason::HasPendingUnplug, "HAS_PENDING_UNPLUG", byVerb, 409, "The device is still being unplugged."},
    {Reason::AddressInUse, "ADDRESS_IN_USE", byVerb, 409, "The address belongs to another device."},
    {Reason::AddressNotUsable, "ADDRESS_NOT_USABLE", byVerb, 409, "No device can be plugged at this address."},
    {Reason::NoFreePciPort, "NO_FREE_PCI_PORT", byVerb, 409, "No hot-pluggable PCI port or slot is free."},
    {Reason::NoFreeScsiUnit, "NO_FREE_SCSI_UNIT", byVerb, 409, "No unit is free on the SCSI controllers."},
    {Reason::NoFreeDriveUnit, "NO_FREE_DRIVE_UNIT", byVerb, 409, "No unit is free on the IDE or SATA controllers."},
    {Reason::NoScsiController, "NO_SCSI_CONTROLLER", byVerb, 409, "The VM has no virtio-scsi controller."},
    {Reason::TargetInUse, "TARGET_IN_USE", byVerb, 409, "The target name belongs to another disk."},
    {Reason::SourceNotFound, "SOURCE_NOT_FOUND", byVerb, 404, "The storage does not exist on this host."},
    {Reason::SourceNotAllowed, "SOURCE_NOT_ALLOWED", byVerb, 409, "The storage lies outside what the administrator allowed."},
    {Reason::SourceInUse, "SOURCE_IN_USE", byVerb, 409, "The storage is used by another VM or process."},
    {Reason::SourceNotResponding, "SOURCE_NOT_RESPONDING", byVerb, 503, "The storage did not answer in time."},
    {Reason::FormatMismatch, "FORMAT_MISMATCH", byVerb, 409, "The image has another format than declared."},
    {Reason::SerialTooLong, "SERIAL_TOO_LONG", byVerb, 400, "The serial is longer than the bus carries."},
    {Reason::SerialDuplicate, "SERIAL_DUPLICATE", byVerb, 409, "Another disk of the VM shows the same serial."},
    {Reason::MacDuplicate, "MAC_DUPLICATE", byVerb, 409, "Another NIC of the VM has the same MAC address."},
    {Reason::BootOrderInUse, "BOOT_ORDER_IN_USE", byVerb, 409, "Another device of the VM has the same boot order."},
    {Reason::BootOrderUnsupported, "BOOT_ORDER_UNSUPPORTED", byVerb, 409, "The VM is defined without per-device boot order."},
    {Reason::NetworkNotFound, "NETWORK_NOT_FOUND", byVerb, 404, "The host has no such bridge."},
    {Reason::GuestNotResponding, "GUEST_NOT_RESPONDING", byVerb, 503, "The guest has not answered yet; the operation stays open."},
    {Reason::GuestBusy, "GUEST_BUSY", byVerb, 503, "The guest asked for patience; the operation stays open."},
    {Reason::BlockJobActive, "BLOCK_JOB_ACTIVE", byVerb, 409, "A block job runs on the disk."},
    {Reason::RecordUnreadable, "RECORD_UNREADABLE", byVerb, 409, "The VM's hotplugd records cannot be read by this version."},
    {Reason::Cancelled, "CANCELLED", byVerb, 409, "The operation was cancelled."},
    {Reason::RequestIdReused, "REQUEST_ID_REUSED", byVerb, 409, "The request id was used before, with other params."},
    {Reason::NotCancellable, "NOT_CANCELLABLE", byVerb, 409, "The operation is not an unplug that is under way."},
    {Reason::OperationNotFound, "OPERATION_NOT_FOUND", byVerb, 404, "No operation with this id is known."},
    {Reason::CursorTooOld, "CURSOR_TOO_OLD", byVerb, 409, "Events after this cursor are not kept any more."},
    {Reason::NotSupported, "NOT_SUPPORTED", byVerb, 409, "This version, host or driver cannot do it."},
    {Reason::JournalUnwritable, "JOURNAL_UNWRITABLE", 99, 503, "The journal cannot be written, so nothing may be changed."},
    {Reason::LibvirtError, "LIBVIRT_ERROR", byVerb, 503, "libvirt refused or failed for a reason of its own."},
    {Reason::Internal, "INTERNAL", byVerb, 500, "A defect of hotplugd; please report it."},
};

} // namespace

std::span<const ReasonEntry> reasonTable()
{
    return table;
}

const ReasonEntry& entryOf(Reason reason)
{
    const auto found = std::ranges::find(table, reason, &ReasonEntry::reason);
    if (found == std::end(table))
        throw std::logic_error("a reason without an entry in the table");
    return *found;
}

std::string_view nameOf(Reason reason)
{
    return entryOf(reason).name;
}

std::optional<Reason> reasonByName(std::string_view name)
{
    const auto found = std::ranges::find(table, name, &ReasonEntry::name);
    return found == std::end(table) ? std::nullopt : std::optional(found->reason);
}

} // namespace hotplug
