#include "unit/wire/vector_deviations.h"

namespace hotplug::test {

namespace {

const XmlLines macvtap = {"-/interface@type=bridgeless", "+/interface@type=direct", "-/interface/source@bridge=blue",
    "+/interface/source@dev=blue", "+/interface/source@mode=bridge"};
const XmlLines vhost = {"-/interface/driver@name=vhost"};
const XmlLines ownLun = {"+/disk/driver@name=qemu", "+/disk/driver@type=raw", "+/disk/driver@cache=none",
    "+/disk/driver@error_policy=stop", "+/disk/driver@io=native", "-/disk/target@dev=hdb", "+/disk/target@dev=sdb"};
const XmlLines cowLun = {"+/disk/driver@name=qemu", "+/disk/driver@type=qcow2", "+/disk/driver@cache=none",
    "+/disk/driver@error_policy=stop", "+/disk/driver@io=native", "-/disk/target@dev=hdb", "+/disk/target@dev=sdb"};
const XmlLines limits = {"+/interface/bandwidth/inbound@average=1000", "+/interface/bandwidth/inbound@burst=1024",
    "+/interface/bandwidth/inbound@peak=5000", "+/interface/bandwidth/outbound@average=128",
    "+/interface/bandwidth/outbound@burst=256"};
const XmlLines volume = {"-/disk/auth@username=cinder", "-/disk/auth/secret@type=ceph", "-/disk/auth/secret@uuid=abcdef",
    "-/disk/source/host@transport=tcp", "-/disk/source/host[1]@transport=tcp"};

} // namespace

std::span<const Deviation> allDeviations()
{
    static const std::vector<Deviation> table = {
        // What VDSM did wrong, or not yet.
        {.ids = {"V136"}, .reason = "VDSM counted the second letter from b; 26 is vdaa (A3)",
            .differing = {"-/disk/target@dev=vdba", "+/disk/target@dev=vdaa"}},
        {.ids = {"V187"}, .reason = "likewise", .differing = {"-/disk/target@dev=vdbb", "+/disk/target@dev=vdab"}},
        {.ids = {"V138", "V188"}, .reason = "likewise", .differing = {"-/disk/target@dev=vdbaz", "+/disk/target@dev=vdzz"}},
        {.ids = {"V189"}, .reason = "likewise", .differing = {"-/disk/target@dev=vdbba", "+/disk/target@dev=vdaaa"}},
        {.ids = {"V128"}, .reason = "4.10 knew no flags here, later ones do",
            .differing = {"-/disk/driver@error_policy=stop", "+/disk/driver@error_policy=enospace"}},
        {.ids = {"V179"}, .reason = "4.13 did not know report yet (A3)",
            .differing = {"-/disk/driver@error_policy=stop", "+/disk/driver@error_policy=report"}},
        {.ids = {"V147"}, .reason = "4.10 dropped the limits of a disk (A3)",
            .differing = {"+/disk/iotune/total_bytes_sec=1048576", "+/disk/iotune/total_iops_sec=500"}},
        {.ids = {"V150"}, .reason = "4.10 wrote a SCSI lun as hdb and without a driver", .differing = ownLun},
        {.ids = {"V190"}, .reason = "two writers destroy a qcow2 image", .refused = "INVALID_PARAMETER /shared"},
        {.ids = {"V165"}, .reason = "likewise; 4.10 did not read True; a disk that may be missing says so to libvirt (A6)",
            .refused = "INVALID_PARAMETER /shared",
            .differing = {"+/disk/shareable", "+/disk/source@startupPolicy=optional"}},
        {.ids = {"V215", "V325"}, .reason = "likewise; a disk that may be missing says so to libvirt (A6)",
            .refused = "INVALID_PARAMETER /shared",
            .differing = {"+/disk/source@startupPolicy=optional"}},
        {.ids = {"V233"}, .reason = "4.10 dropped the limits of a NIC (B9)", .differing = limits},
        {.ids = {"V234"}, .reason = "likewise", .differing = {"+/interface/bandwidth/inbound@average=1"}},
        {.ids = {"V235"}, .reason = "4.10 dropped the filter (B9)",
            .differing = {"+/interface/filterref@filter=vdsm-no-mac-spoofing"}},
        {.ids = {"V275", "V391"}, .reason = "VDSM wrote a type that libvirt does not have; it is macvtap (B9)", .differing = macvtap},
        {.ids = {"V408"}, .reason = "empty limits are none", .differing = {"-/interface/bandwidth"}},

        // Properties of the VM, and keys that are ignored and named in warnings.
        {.ids = {"V145", "V195"}, .reason = "a property of the VM is no part of a drive; cache is",
            .differing = {"-/disk/driver@cache=writeback", "+/disk/driver@cache=none"}},
        {.ids = {"V242", "V388"}, .reason = "a property of the VM; sndbuf is ignored and named",
            .differing = {"-/interface/tune/sndbuf=0"}},
        {.ids = {"V269", "V385", "V400"}, .reason = "QEMU takes vhost wherever the host has it", .differing = vhost},
        {.ids = {"V386"}, .reason = "likewise, also where the VM's property says no", .differing = {"-/interface/driver@name=qemu"}},
        {.ids = {"V200"}, .reason = "the kernel dropped sgio", .differing = {"-/disk@sgio=filtered"}},
        {.ids = {"V342"}, .reason = "libvirt 9 does not know discard_no_unref", .differing = {"-/disk/driver@discard_no_unref=on"}},
        {.ids = {"V413"}, .reason = "nor are there I/O threads to pin to",
            .differing = {"-/disk/driver@discard_no_unref=on", "-/disk/driver@iothread=1"}},

        // What we refuse rather than do something else than asked.
        {.ids = {"V142", "V302"}, .reason = "a transient copy of a disk is not supported", .refused = "NOT_SUPPORTED /shared"},
        {.ids = {"V153"}, .reason = "a lun has no image format; later VDSMs refuse it too", .refused = "INVALID_PARAMETER /format",
            .differing = cowLun},
        {.ids = {"V146", "V162", "V212", "V293", "V306"}, .reason = "IDE takes no hot plug (C1)",
            .refused = "BUS_NOT_HOTPLUGGABLE /iface"},
        {.ids = {"V156", "V316"}, .reason = "the format is never guessed (A3)", .refused = "-32602 /format"},
        {.ids = {"V158", "V317"}, .reason = "a drive with a medium is not plugged (C1); these have no format either",
            .refused = "-32602 /format"},
        {.ids = {"V159"}, .reason = "a floppy drive's bus is none to plug into (C1)", .refused = "-32602 /iface"},
        {.ids = {"V365"}, .reason = "a drive with a medium is not plugged (C1)", .refused = "BUS_NOT_HOTPLUGGABLE /device"},
        {.ids = {"V166", "V216"}, .reason = "unknown keys need ignoreUnknown (A3)", .refused = "-32602 /unknownKey",
            .dropped = "unknownKey"},
        {.ids = {"V232", "V281"}, .reason = "mirroring is no matter of XML, and not supported",
            .refused = "NOT_SUPPORTED /portMirroring", .dropped = "portMirroring"},
        {.ids = {"V238"}, .reason = "a NIC on no bridge is of no use", .refused = "-32602 /network"},
        {.ids = {"V244"}, .reason = "a vnlink has a port profile (B9)", .refused = "-32602 /specParams/profile"},
        {.ids = {"V277", "V393"}, .reason = "the model is none of B9's", .refused = "-32602 /nicModel"},
        {.ids = {"V334"}, .reason = "libvirt's secrets have UUIDs; tcp is its default", .refused = "-32602 /auth/uuid",
            .dropped = "auth", .differing = volume},

        // What VDSM refused and we take.
        {.ids = {"V160", "V246", "V276", "V320", "V392"}, .reason = "a number may be a number", .taken = true},
        {.ids = {"V163", "V213", "V323", "V279"}, .reason = "likewise", .taken = true},
        {.ids = {"V167", "V217"}, .reason = "propagateErrors has a default", .taken = true},
        {.ids = {"V227"}, .reason = "nicModel has a default", .taken = true},
        {.ids = {"V283", "V399"}, .reason = "a MAC address is drawn", .taken = true},
    };
    return table;
}

} // namespace hotplug::test
