#include "hypervisor/classify.h"

#include <libvirt/virterror.h>

namespace hotplug {

namespace {

constexpr int anyCode = -1;

struct Row {
    int code;                   ///< virErrorNumber, or anyCode.
    std::string_view fragment;  ///< Part of the text; empty: any text.
    ErrorKind kind;
};

/// Read from the top, the first match decides: texts before bare codes, narrow fragments before wide ones. The texts
/// are libvirt's and QEMU's own; rows without a code are those whose code differs between versions or drivers.
constexpr Row table[] = {
    // The guest, asked to let go.
    {anyCode, "power indicator blinking", ErrorKind::GuestBusy},
    {anyCode, "rejected by the guest", ErrorKind::GuestBusy},
    {anyCode, "already in the process of unplug", ErrorKind::AlreadyUnplugging},

    // Libvirt lost: what it was doing may have happened or not.
    {VIR_ERR_NO_CONNECT, "", ErrorKind::Unavailable},
    {VIR_ERR_INVALID_CONN, "", ErrorKind::Unavailable},
    {VIR_ERR_RPC, "", ErrorKind::Unavailable},
    {anyCode, "client socket is closed", ErrorKind::Unavailable},
    {anyCode, "keepalive timeout", ErrorKind::Unavailable},
    {anyCode, "received hangup event on socket", ErrorKind::Unavailable},
    {anyCode, "End of file while reading data", ErrorKind::Unavailable},
    {anyCode, "Cannot recv data", ErrorKind::Unavailable},
    {anyCode, "Cannot write data", ErrorKind::Unavailable},
    {anyCode, "unable to connect to server", ErrorKind::Unavailable},
    {anyCode, "/libvirt-sock", ErrorKind::Unavailable},
    {anyCode, "/virtqemud-sock", ErrorKind::Unavailable},

    // The VM and its jobs.
    {VIR_ERR_NO_DOMAIN, "", ErrorKind::NoDomain},
    {anyCode, "migration job", ErrorKind::Migrating},
    {anyCode, "is being migrated", ErrorKind::Migrating},
    {anyCode, "lock (held by monitor=remoteDispatchDomainMigrate", ErrorKind::Migrating},
    {anyCode, "lock (held by monitor=remoteDispatchDomainSave", ErrorKind::Migrating},
    {anyCode, "lock (held by monitor=remoteDispatchDomainManagedSave", ErrorKind::Migrating},
    {anyCode, "lock (held by monitor=remoteDispatchDomainCoreDump", ErrorKind::Migrating},
    {anyCode, "cannot acquire state change lock", ErrorKind::StateLocked},
    {VIR_ERR_OPERATION_TIMEOUT, "", ErrorKind::StateLocked},
    {anyCode, "omain is not running", ErrorKind::NotRunning},
    {anyCode, "is no longer running", ErrorKind::NotRunning},
    {anyCode, "is not running anymore", ErrorKind::NotRunning},
    {anyCode, "guest unexpectedly quit", ErrorKind::NotRunning},
    {anyCode, "End of file from qemu monitor", ErrorKind::NotRunning},
    {anyCode, "QEMU monitor was closed", ErrorKind::NotRunning},
    {VIR_ERR_OPERATION_INVALID, "is already running", ErrorKind::Exists},
    {VIR_ERR_OPERATION_INVALID, "is already active", ErrorKind::Exists},
    {VIR_ERR_OPERATION_FAILED, "is already defined with uuid", ErrorKind::Exists},
    {VIR_ERR_OPERATION_FAILED, "already exists with uuid", ErrorKind::Exists},
    {VIR_ERR_DOM_EXIST, "", ErrorKind::Exists},
    {VIR_ERR_OPERATION_INVALID, "transient domain", ErrorKind::Invalid},

    // Names and places.
    {anyCode, "non unique alias detected", ErrorKind::AliasInUse},
    {anyCode, "is already used by another device", ErrorKind::BootOrderInUse},
    {anyCode, "per-device boot elements cannot be used", ErrorKind::BootOrderUnsupported},
    {anyCode, "double use of PCI Address", ErrorKind::AddressInUse},
    {anyCode, "already contains a disk with that address", ErrorKind::AddressInUse},
    {anyCode, "a device with the same address already exists", ErrorKind::AddressInUse},
    {anyCode, "PCI: slot ", ErrorKind::AddressInUse},                   // QEMU: "… 5 function 0 not available for …"
    {anyCode, "duplicated for disk sources", ErrorKind::TargetInUse},
    {VIR_ERR_OPERATION_INVALID, "already exists", ErrorKind::TargetInUse},      // "target vdb already exists"
    {anyCode, "No more available PCI slots", ErrorKind::NoFreePort},

    // Sources.
    {anyCode, "Failed to get \"write\" lock", ErrorKind::SourceInUse},
    {anyCode, "Failed to get shared \"write\" lock", ErrorKind::SourceInUse},
    {anyCode, "Failed to get \"consistent read\" lock", ErrorKind::SourceInUse},
    {anyCode, "Lockspace resource ", ErrorKind::SourceInUse},           // virtlockd
    {anyCode, "active block job", ErrorKind::BlockJobActive},
    {VIR_ERR_BLOCK_COPY_ACTIVE, "", ErrorKind::BlockJobActive},
    {anyCode, "Duplicate nodes with node-name", ErrorKind::OrphanNode},
    {anyCode, "Duplicate device ID", ErrorKind::OrphanNode},
    {anyCode, "Cannot access storage file", ErrorKind::SourceNotFound},
    {anyCode, "Cannot access backing file", ErrorKind::SourceNotFound},
    {anyCode, "Target not found", ErrorKind::SourceNotFound},           // iscsi
    {anyCode, "LOGICAL_UNIT_NOT_SUPPORTED", ErrorKind::SourceNotFound},
    {anyCode, "Requested export not available", ErrorKind::SourceNotFound},     // nbd
    {anyCode, "iscsi_service_reconnect_if_loggedin", ErrorKind::SourceNotResponding},
    {anyCode, "Failed to connect to '", ErrorKind::SourceNotResponding},        // nbd
    {anyCode, "cannot get SG_IO version number", ErrorKind::Invalid},   // a LUN of what is no SCSI device
    {anyCode, "Image is not in ", ErrorKind::FormatMismatch},
    {anyCode, "Cannot get interface MTU on", ErrorKind::NetworkNotFound},
    {anyCode, "Unable to add bridge", ErrorKind::NetworkNotFound},
    {anyCode, "/virtnetworkd-sock", ErrorKind::NetworkNotFound},        // type='network' where nobody serves networks
    {VIR_ERR_NO_NETWORK, "", ErrorKind::NetworkNotFound},

    // Devices that cannot come or go while the VM runs.
    {anyCode, "does not support hotplugging", ErrorKind::NotHotpluggable},
    {anyCode, "doesn't support hotplug", ErrorKind::NotHotpluggable},
    {anyCode, "not allowed by controller", ErrorKind::NotHotpluggable},
    {anyCode, "unsupported by the port device", ErrorKind::NotHotpluggable},
    {anyCode, "cannot be hotplugged", ErrorKind::NotHotpluggable},
    {anyCode, "cannot be hot unplugged", ErrorKind::NotHotpluggable},
    {anyCode, "hotplug is not supported", ErrorKind::NotHotpluggable},

    // No such device.
    {VIR_ERR_DEVICE_MISSING, "", ErrorKind::DeviceMissing},
    {anyCode, "no device found with alias", ErrorKind::DeviceMissing},
    {VIR_ERR_INVALID_ARG, "invalid path: ", ErrorKind::DeviceMissing},  // block statistics of an unknown target

    // The request itself.
    {anyCode, "contains unsafe characters", ErrorKind::Invalid},
    {anyCode, "only valid for block type", ErrorKind::Invalid},
    {anyCode, "devices do not support the serial property", ErrorKind::Invalid},
    {anyCode, "controller with index", ErrorKind::Invalid},             // "Could not find ide controller with index 0"
    {VIR_ERR_XML_ERROR, "", ErrorKind::Invalid},
    {VIR_ERR_XML_DETAIL, "", ErrorKind::Invalid},
    {VIR_ERR_XML_INVALID_SCHEMA, "", ErrorKind::Invalid},
    {VIR_ERR_CONFIG_UNSUPPORTED, "", ErrorKind::Invalid},
    {VIR_ERR_INVALID_ARG, "", ErrorKind::Invalid},
    {VIR_ERR_OS_TYPE, "", ErrorKind::Invalid},
    {VIR_ERR_NO_SOURCE, "", ErrorKind::Invalid},
    {VIR_ERR_NO_TARGET, "", ErrorKind::Invalid},
    {VIR_ERR_NO_NAME, "", ErrorKind::Invalid},
    {VIR_ERR_NO_OS, "", ErrorKind::Invalid},
    {VIR_ERR_NO_DEVICE, "", ErrorKind::Invalid},
    {VIR_ERR_INVALID_MAC, "", ErrorKind::Invalid},
    {VIR_ERR_OPERATION_DENIED, "", ErrorKind::Invalid},                 // "changing device alias is not allowed"
};

bool matches(const Row& row, int code, std::string_view text)
{
    return (row.code == anyCode || row.code == code) && text.find(row.fragment) != std::string_view::npos;
}

} // namespace

ErrorKind classify(int code, std::string_view text)
{
    for (const auto& row : table)
        if (matches(row, code, text))
            return row.kind;
    return ErrorKind::Other;
}

} // namespace hotplug
