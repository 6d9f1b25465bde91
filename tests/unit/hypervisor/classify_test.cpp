#include "hypervisor/classify.h"
#include "support/catch.h"

#include <libvirt/virterror.h>

using namespace hotplug;

namespace {

/// What libvirt 9.0 and QEMU 7.2 really said, or, marked as such, what their sources say.
struct Case {
    int code;
    const char* text;
    ErrorKind kind;
};

constexpr Case guestAnswers[] = {
    {VIR_ERR_INTERNAL_ERROR, "internal error: unable to execute QEMU command 'device_del': Hot-unplug failed: guest is "
        "busy (power indicator blinking)", ErrorKind::GuestBusy},
    {VIR_ERR_OPERATION_FAILED, "operation failed: unplug of device was rejected by the guest", ErrorKind::GuestBusy},
    {VIR_ERR_INTERNAL_ERROR, "internal error: unable to execute QEMU command 'device_del': Device ua-d1 is already in "
        "the process of unplug", ErrorKind::AlreadyUnplugging},
};

constexpr Case lostLibvirt[] = {
    {VIR_ERR_NO_CONNECT, "no connection driver available for qemu:///nowhere", ErrorKind::Unavailable},
    {VIR_ERR_INVALID_CONN, "invalid connection pointer in virDomainLookupByUUID", ErrorKind::Unavailable},
    {VIR_ERR_RPC, "Unable to encode message payload", ErrorKind::Unavailable},
    {VIR_ERR_INTERNAL_ERROR, "internal error: client socket is closed", ErrorKind::Unavailable},
    {VIR_ERR_INTERNAL_ERROR, "internal error: connection closed due to keepalive timeout", ErrorKind::Unavailable},
    {VIR_ERR_INTERNAL_ERROR, "internal error: received hangup event on socket", ErrorKind::Unavailable},
    {VIR_ERR_SYSTEM_ERROR, "End of file while reading data: Input/output error", ErrorKind::Unavailable},
    {VIR_ERR_SYSTEM_ERROR, "Cannot recv data: Connection reset by peer", ErrorKind::Unavailable},
    {VIR_ERR_SYSTEM_ERROR, "Cannot write data: Broken pipe", ErrorKind::Unavailable},
    {VIR_ERR_SYSTEM_ERROR, "Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory",
        ErrorKind::Unavailable},
};

constexpr Case vmStates[] = {
    {VIR_ERR_NO_DOMAIN, "Domain not found: no domain with matching name 'nosuch'", ErrorKind::NoDomain},
    {VIR_ERR_OPERATION_INVALID, "Requested operation is not valid: domain is not running", ErrorKind::NotRunning},
    {VIR_ERR_OPERATION_FAILED, "operation failed: domain is no longer running", ErrorKind::NotRunning},
    {VIR_ERR_OPERATION_FAILED, "operation failed: guest unexpectedly quit", ErrorKind::NotRunning},
    {VIR_ERR_INTERNAL_ERROR, "internal error: End of file from qemu monitor (vm='vm1')", ErrorKind::NotRunning},
    {VIR_ERR_OPERATION_TIMEOUT, "Timed out during operation: cannot acquire state change lock (held by "
        "monitor=remoteDispatchDomainDetachDeviceAlias)", ErrorKind::StateLocked},
    {VIR_ERR_OPERATION_FAILED, "operation failed: cannot acquire state change lock (held by monitor=x) due to "
        "max_queued limit", ErrorKind::StateLocked},
    {VIR_ERR_OPERATION_TIMEOUT, "Timed out during operation: cannot acquire state change lock (held by "
        "monitor=remoteDispatchDomainMigratePerform3Params)", ErrorKind::Migrating},
    {VIR_ERR_OPERATION_INVALID, "Requested operation is not valid: another migration job is already running for "
        "domain 'vm1'", ErrorKind::Migrating},
    {VIR_ERR_OPERATION_INVALID, "Requested operation is not valid: domain is already running", ErrorKind::Exists},
    {VIR_ERR_OPERATION_INVALID, "Requested operation is not valid: domain 'vm1' is already active", ErrorKind::Exists},
    {VIR_ERR_OPERATION_FAILED, "operation failed: domain 'vm' is already defined with uuid "
        "11111111-2222-4333-8444-555555555555", ErrorKind::Exists},
    {VIR_ERR_OPERATION_FAILED, "operation failed: domain 'vm' already exists with uuid "
        "11111111-2222-4333-8444-555555555555", ErrorKind::Exists},
    {VIR_ERR_OPERATION_INVALID, "Requested operation is not valid: transient domains do not have any persistent "
        "config", ErrorKind::Invalid},
};

constexpr Case conflicts[] = {
    {VIR_ERR_CONFIG_UNSUPPORTED, "unsupported configuration: non unique alias detected: ua-1", ErrorKind::AliasInUse},
    {VIR_ERR_OPERATION_INVALID, "Requested operation is not valid: target vdb already exists", ErrorKind::TargetInUse},
    {VIR_ERR_XML_ERROR, "XML error: target 'vdb' duplicated for disk sources '/a.img' and '/b.img'",
        ErrorKind::TargetInUse},
    {VIR_ERR_XML_ERROR, "XML error: Attempted double use of PCI Address 0000:05:00.0", ErrorKind::AddressInUse},
    {VIR_ERR_INTERNAL_ERROR, "internal error: unable to execute QEMU command 'device_add': PCI: slot 0 function 0 not "
        "available for virtio-blk-pci, in use by virtio-blk-pci,id=ua-1", ErrorKind::AddressInUse},
    {VIR_ERR_OPERATION_INVALID, "Requested operation is not valid: Domain already contains a disk with that address",
        ErrorKind::AddressInUse},
    {VIR_ERR_CONFIG_UNSUPPORTED, "unsupported configuration: boot order 2 is already used by another device",
        ErrorKind::BootOrderInUse},
    {VIR_ERR_CONFIG_UNSUPPORTED, "unsupported configuration: per-device boot elements cannot be used together with "
        "os/boot elements", ErrorKind::BootOrderUnsupported},
    {VIR_ERR_INTERNAL_ERROR, "internal error: No more available PCI slots", ErrorKind::NoFreePort},
    {VIR_ERR_INTERNAL_ERROR, "internal error: unable to execute QEMU command 'device_add': Failed to get \"write\" "
        "lock", ErrorKind::SourceInUse},
    {VIR_ERR_INTERNAL_ERROR, "internal error: unable to execute QEMU command 'blockdev-add': Failed to get shared "
        "\"write\" lock", ErrorKind::SourceInUse},
    {VIR_ERR_OPERATION_FAILED, "operation failed: disk 'vda' already in active block job", ErrorKind::BlockJobActive},
    {VIR_ERR_OPERATION_INVALID, "Requested operation is not valid: domain has active block job",
        ErrorKind::BlockJobActive},
    {VIR_ERR_INTERNAL_ERROR, "internal error: unable to execute QEMU command 'blockdev-add': Duplicate nodes with "
        "node-name='libvirt-2-storage'", ErrorKind::OrphanNode},
};

constexpr Case unfit[] = {
    {VIR_ERR_SYSTEM_ERROR, "Cannot access storage file '/nonexist/x': No such file or directory",
        ErrorKind::SourceNotFound},
    {VIR_ERR_INTERNAL_ERROR, "internal error: unable to execute QEMU command 'blockdev-add': iSCSI: Failed to connect to "
        "LUN : Failed to log in to target. Status: Target not found(515)", ErrorKind::SourceNotFound},
    {VIR_ERR_INTERNAL_ERROR, "internal error: unable to execute QEMU command 'blockdev-add': Requested export not "
        "available", ErrorKind::SourceNotFound},
    {VIR_ERR_INTERNAL_ERROR, "internal error: unable to execute QEMU command 'blockdev-add': Failed to connect to "
        "'127.0.0.1:1': Connection refused", ErrorKind::SourceNotResponding},
    {VIR_ERR_INTERNAL_ERROR, "internal error: unable to execute QEMU command 'device_add': cannot get SG_IO version "
        "number: Invalid argument", ErrorKind::Invalid},
    {VIR_ERR_INTERNAL_ERROR, "internal error: unable to execute QEMU command 'blockdev-add': Image is not in qcow2 "
        "format", ErrorKind::FormatMismatch},
    {VIR_ERR_SYSTEM_ERROR, "Cannot get interface MTU on 'nobr0': No such device", ErrorKind::NetworkNotFound},
    {VIR_ERR_SYSTEM_ERROR, "Failed to connect socket to '/var/run/libvirt/virtnetworkd-sock': No such file or "
        "directory", ErrorKind::NetworkNotFound},
    {VIR_ERR_INTERNAL_ERROR, "internal error: unable to execute QEMU command 'device_add': Bus 'ide.1' does not "
        "support hotplugging", ErrorKind::NotHotpluggable},
    {VIR_ERR_XML_ERROR, "XML error: The device at PCI address 0000:08:00.0 requires hotplug capability, but the PCI "
        "controller with index='8' doesn't support hotplug", ErrorKind::NotHotpluggable},
    {VIR_ERR_OPERATION_FAILED, "operation failed: cannot hot unplug disk device with PCI guest address: "
        "0000:08:00.0 - not allowed by controller", ErrorKind::NotHotpluggable},
    {VIR_ERR_INTERNAL_ERROR, "internal error: no device found with alias ua-nope", ErrorKind::DeviceMissing},
    {VIR_ERR_DEVICE_MISSING, "device not found: no target device vdz", ErrorKind::DeviceMissing},
    {VIR_ERR_INVALID_ARG, "invalid argument: invalid path: vdq", ErrorKind::DeviceMissing},
};

constexpr Case wrongRequests[] = {
    {VIR_ERR_XML_ERROR, "XML error: Invalid PCI address 0000:13:00.0. Only PCI buses up to 8 are available",
        ErrorKind::Invalid},
    {VIR_ERR_XML_DETAIL, "(device_definition):1: Couldn't find end of Start Tag disk line 1", ErrorKind::Invalid},
    {VIR_ERR_XML_INVALID_SCHEMA, "XML document failed to validate against schema: Unable to validate doc",
        ErrorKind::Invalid},
    {VIR_ERR_CONFIG_UNSUPPORTED, "unsupported configuration: unknown device type 'foo'", ErrorKind::Invalid},
    {VIR_ERR_NO_TARGET, "missing target information for device", ErrorKind::Invalid},
    {VIR_ERR_INTERNAL_ERROR, "internal error: driver serial 'a&b' contains unsafe characters", ErrorKind::Invalid},
    {VIR_ERR_INTERNAL_ERROR, "internal error: Could not find ide controller with index 0 required for device",
        ErrorKind::Invalid},
    {VIR_ERR_OPERATION_DENIED, "operation forbidden: changing device alias is not allowed", ErrorKind::Invalid},
};

template<std::size_t count> void expectAll(const Case (&cases)[count])
{
    for (const auto& [code, text, kind] : cases) {
        INFO(code << ": " << text);
        CHECK(static_cast<int>(classify(code, text)) == static_cast<int>(kind));
    }
}

} // namespace

TEST_CASE("K2: what a guest answers to an unplug is told apart")
{
    expectAll(guestAnswers);
}

TEST_CASE("K7: a broken connection is Unavailable, whatever code it comes with")
{
    expectAll(lostLibvirt);
}

TEST_CASE("R5: libvirt's word for an unknown, stopped, locked or migrating VM is understood")
{
    expectAll(vmStates);
}

TEST_CASE("R6: a conflict with another device is named by its kind")
{
    expectAll(conflicts);
}

TEST_CASE("R6: sources, networks and buses that do not fit are named by their kind")
{
    expectAll(unfit);
}

TEST_CASE("R7: a request that libvirt finds wrong is Invalid")
{
    expectAll(wrongRequests);
}

TEST_CASE("R6: an error that nobody has seen before is Other")
{
    CHECK(classify(VIR_ERR_INTERNAL_ERROR, "internal error: something new") == ErrorKind::Other);
    CHECK(classify(VIR_ERR_INTERNAL_ERROR, "internal error: statistics are not available for vda") == ErrorKind::Other);
    CHECK(classify(VIR_ERR_OPERATION_FAILED, "") == ErrorKind::Other);
    CHECK(classify(12345, "") == ErrorKind::Other);
}
