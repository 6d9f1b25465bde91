#pragma once

#include "model/address.h"
#include "model/identity.h"
#include "model/source.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hotplug {

enum class DeviceKind { Disk, Nic };
/// What a guest sees behind the bus: a disk that QEMU emulates, or the SCSI device itself (SPEC C1).
enum class DiskDevice { Disk, Lun };
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
    DiskDevice device = DiskDevice::Disk;
    SourceRef source;
    DiskFormat format = DiskFormat::Raw;
    Bus bus = Bus::Virtio;
    std::optional<unsigned> index;              ///< Preferred position among the targets of its bus.
    std::optional<Address> address;
    std::optional<unsigned> bootOrder;          ///< Counted from 1.
    std::optional<ErrorPolicy> errorPolicy;
    std::optional<CacheMode> cache;
    std::optional<DiscardMode> discard;
    std::optional<std::string> serial;          ///< As given; the default is the image's id, then the device's.
    IoTune ioTune;
    bool shared = false, readonly = false, optional = false;
    bool managedReservation = false;            ///< LUNs: libvirt runs the helper for persistent reservations.
};

/// How a NIC reaches the network (SPEC B9, the dictionary's `device`).
enum class NicKind {
    Bridge,                                     ///< A tap on a Linux bridge.
    Bridgeless,                                 ///< macvtap on a link of the host.
    Sriov,                                      ///< A virtual function, passed through.
    Vnlink,                                     ///< VM-FEX: macvtap with an 802.1Qbh port profile.
};

/// Limits of one direction of a NIC, as libvirt's <bandwidth> takes them.
struct Bandwidth {
    std::optional<unsigned> average, peak;      ///< KiB/s
    std::optional<unsigned> burst;              ///< KiB

    bool operator==(const Bandwidth&) const = default;
};

struct FilterParameter {
    std::string name, value;

    bool operator==(const FilterParameter&) const = default;
};

/// A NIC as a caller asks for it (SPEC B9).
struct NicRequest {
    std::optional<DeviceId> id;
    NicKind kind = NicKind::Bridge;
    std::string network;                        ///< The bridge; bridgeless and vnlink: the link; sriov: empty.
    std::optional<PciAddress> virtualFunction;  ///< sriov: where the host has it.
    std::string profile;                        ///< vnlink: the port profile.
    std::optional<Mac> mac;                     ///< Drawn at random when absent.
    NicModel model = NicModel::Virtio;
    std::optional<Address> address;
    std::optional<unsigned> bootOrder;
    std::optional<unsigned> mtu;                ///< Bytes.
    std::optional<unsigned> queues;             ///< virtio only.
    Bandwidth inbound, outbound;                ///< As the guest sees it.
    std::string filter;                         ///< A libvirt nwfilter; empty: none.
    std::vector<FilterParameter> filterParameters;
    bool linkUp = true, isolated = false;       ///< isolated: no traffic to other isolated ports of the bridge.
};

/// How a caller names a device to unplug: by id or alias, else by what must agree with exactly one device (R2).
struct DeviceQuery {
    DeviceKind kind = DeviceKind::Disk;
    std::optional<DeviceId> id;
    std::optional<Alias> alias;
    std::optional<SourceRef> source;            ///< A disk's.
    std::optional<std::string> serial;
    std::optional<Mac> mac;
    std::optional<Address> address;
};

enum class SourceKind { File, Block, Network };

/// Storage that `storage` has looked at and found allowed: what QEMU will open.
struct HostSource {
    SourceKind kind = SourceKind::File;
    /// File: symlinks resolved. Block: the name that the administrator allowed, stable over reboots. Network: its
    /// reference().
    std::string path;
    std::optional<NetworkVolume> network;       ///< Kind Network only.
    /// Every name by which this storage may stand in a document: as the caller wrote it (what records keep), as
    /// resolved, `path`. The first is the caller's.
    std::vector<std::string> names;
    std::vector<std::string> backing;           ///< Every file behind it that QEMU opens too, symlinks resolved.
};

/// A disk of another running VM that has a layer in common with a source (SPEC R6, SOURCE_IN_USE).
struct SourceUser {
    Uuid vm;
    std::string vmName, disk;                   ///< For people; `disk` is its alias.
    std::string layer;                          ///< As that VM's document names it.
    bool writes = false;                        ///< The layer is what its guest writes to.
    bool shareable = false;
};

/// What the host says of a disk that is to be plugged.
struct DiskFacts {
    HostSource source;
    std::vector<SourceUser> users;
};

/// Their names on the wire and in XML (the field's own: `virtio`, `qcow2`, `directsync`).
std::string_view name(DeviceKind kind);
std::string_view name(DiskDevice device);
std::string_view name(Bus bus);
std::string_view name(DiskFormat format);
std::string_view name(CacheMode mode);
std::string_view name(DiscardMode mode);
std::string_view name(ErrorPolicy policy);      ///< libvirt's: stop, enospace, report.
std::string_view name(NicKind kind);            ///< The dictionary's: bridge, bridgeless, sriov, vnlink.
std::string_view name(NicModel model);          ///< libvirt's: virtio, rtl8139, e1000, e1000e.

/// Longest serial that reaches the guest (SPEC C9); the rest is cut silently by QEMU.
std::size_t maxSerial(Bus bus);

} // namespace hotplug
