#include "operation/libvirt_refusal.h"

#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>

namespace hotplug {

namespace {

/// libvirt's texts may have several lines; a sentence has one.
std::string oneLine(std::string text)
{
    std::ranges::replace_if(text, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
    return text;
}

} // namespace

Reason reasonFor(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::NoDomain: return Reason::VmNotFound;
    case ErrorKind::NotRunning: return Reason::VmNotUp;
    case ErrorKind::DeviceMissing: return Reason::DeviceNotFound;
    case ErrorKind::GuestBusy: return Reason::GuestBusy;
    case ErrorKind::AlreadyUnplugging: return Reason::GuestNotResponding;
    case ErrorKind::StateLocked: return Reason::TooBusy;
    case ErrorKind::NoFreePort: return Reason::NoFreePciPort;
    case ErrorKind::AddressInUse: return Reason::AddressInUse;
    case ErrorKind::TargetInUse: return Reason::TargetInUse;
    case ErrorKind::AliasInUse: return Reason::AlreadyPlugged;
    case ErrorKind::BootOrderInUse: return Reason::BootOrderInUse;
    case ErrorKind::BootOrderUnsupported: return Reason::BootOrderUnsupported;
    case ErrorKind::SourceInUse: return Reason::SourceInUse;
    case ErrorKind::SourceNotFound: return Reason::SourceNotFound;
    case ErrorKind::SourceNotResponding: return Reason::SourceNotResponding;
    case ErrorKind::FormatMismatch: return Reason::FormatMismatch;
    case ErrorKind::NetworkNotFound: return Reason::NetworkNotFound;
    case ErrorKind::NotHotpluggable: return Reason::AddressNotUsable;
    case ErrorKind::BlockJobActive: return Reason::BlockJobActive;
    case ErrorKind::Migrating: return Reason::Migrating;
    case ErrorKind::Exists: return Reason::VmExists;
    case ErrorKind::Unavailable: return Reason::LibvirtUnavailable;
    case ErrorKind::Invalid:
    case ErrorKind::OrphanNode:
    case ErrorKind::Other: return Reason::LibvirtError;
    }
    throw std::logic_error("an error kind without a reason");
}

std::string sentenceFor(ErrorKind kind, const std::string& text)
{
    const auto because = [&text](const char* sentence) { return fmt::format("{} ({})", sentence, oneLine(text)); };
    switch (kind) {
    case ErrorKind::NoDomain:
        return "no VM with this UUID is known to libvirt; list the VMs to see what there is";
    case ErrorKind::Unavailable:
        return because("libvirt does not answer; hotplugd reconnects by itself, ask again");
    case ErrorKind::NotRunning:
        return because("the VM is not running");
    case ErrorKind::StateLocked:
        return because("libvirt is busy with another change of this VM; ask again");
    case ErrorKind::SourceInUse:
        return because("another VM or process uses the image; unplug it there, or share it");
    case ErrorKind::SourceNotFound:
        return because("the storage does not have what was named");
    case ErrorKind::SourceNotResponding:
        return because("the storage's server did not answer as it should; check it");
    case ErrorKind::GuestBusy:
        return because("the guest is still busy with the slot");
    case ErrorKind::BlockJobActive:
        return because("a block job runs on the disk; let it end first");
    case ErrorKind::OrphanNode:
        return because("QEMU still holds a block node of an earlier attach; restart the VM");
    default:
        return oneLine(text);
    }
}

Refusal asRefusal(const HypervisorError& error)
{
    return {reasonFor(error.kind()), sentenceFor(error.kind(), error.what())};
}

} // namespace hotplug
