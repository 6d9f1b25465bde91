#pragma once

#include "model/address.h"
#include "model/identity.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hotplug {

enum class DeviceKind { Disk, Nic };
enum class Bus { Virtio, Scsi, Sata, Ide };
enum class DiskFormat { Raw, Qcow2 };
enum class CacheMode { None, Writethrough, Writeback, DirectSync, Unsafe };
enum class DiscardMode { Unmap, Ignore };
/// What QEMU does when the storage fails (VDSM's propagateErrors off, on, report).
enum class ErrorPolicy { Stop, Enospace, Report };
enum class NicModel { Virtio, Rtl8139, E1000, E1000e };

/// What a caller may limit (libvirt's <iotune>): bytes and operations per second, 0 or absent for unlimited.
struct IoTune {
    std::optional<std::uint64_t> totalBytesSec, readBytesSec, writeBytesSec, totalIopsSec, readIopsSec, writeIopsSec;

    bool operator==(const IoTune&) const = default;
};

/// A disk as a caller asks for it (SPEC A3), parsed and judged by its types only.
struct DiskRequest {
    std::optional<DeviceId> id;
    std::string path;                           ///< The image on this host, as the caller wrote it (A4).
    DiskFormat format = DiskFormat::Raw;
    Bus bus = Bus::Virtio;
    std::optional<unsigned> index;              ///< Preferred position among the targets of its bus.
    std::optional<Address> address;
    std::optional<unsigned> bootOrder;          ///< Counted from 1.
    std::optional<ErrorPolicy> errorPolicy;
    std::optional<CacheMode> cache;
    std::optional<DiscardMode> discard;
    std::optional<std::string> serial;          ///< As given; the default is the device id.
    IoTune ioTune;
    bool shared = false, readonly = false, optional = false;
};

/// A NIC as a caller asks for it (SPEC B9).
struct NicRequest {
    std::optional<DeviceId> id;
    std::string bridge;
    std::optional<Mac> mac;                     ///< Drawn at random when absent.
    NicModel model = NicModel::Virtio;
    std::optional<Address> address;
    std::optional<unsigned> bootOrder;
    std::optional<unsigned> mtu;                ///< Bytes.
    bool linkUp = true;
};

/// How a caller names a device to unplug: by id or alias, else by what must agree with exactly one device (R2).
struct DeviceQuery {
    DeviceKind kind = DeviceKind::Disk;
    std::optional<DeviceId> id;
    std::optional<Alias> alias;
    std::optional<std::string> path, serial;    ///< A disk's source, as resolved or as it was named to plug it.
    std::optional<Mac> mac;
    std::optional<Address> address;
};

/// An image that `storage` has looked at and found allowed: what QEMU will open.
struct HostSource {
    std::string path;                           ///< Symlinks resolved.
    DiskFormat format = DiskFormat::Raw;
    std::vector<std::string> layers;            ///< Every file of the backing chain, `path` first.
    std::uint64_t bytes = 0;                    ///< As the guest will see it.
};

/// Their names on the wire and in XML (the field's own: `virtio`, `qcow2`, `directsync`).
std::string_view name(DeviceKind kind);
std::string_view name(Bus bus);
std::string_view name(DiskFormat format);
std::string_view name(CacheMode mode);
std::string_view name(DiscardMode mode);
std::string_view name(ErrorPolicy policy);      ///< libvirt's: stop, enospace, report.
std::string_view name(NicModel model);          ///< libvirt's: virtio, rtl8139, e1000, e1000e.

/// Longest serial that reaches the guest (SPEC C9); the rest is cut silently by QEMU.
std::size_t maxSerial(Bus bus);

} // namespace hotplug
