#include "hotplugctl/commands.h"
#include "hotplugctl/format/change.h"

namespace hotplug::ctl {

namespace {

std::vector<Option> options()
{
    using enum Option::Value;
    return withChangeOptions({
        vmOption(),
        {.name = "--source", .valueName = "PATH",
         .help = "The image on this host, inside an allowed directory", .to = "drive.path", .required = true},
        {.name = "--format", .valueName = "FORMAT",
         .help = "What the image is: qcow2 (or cow), raw", .to = "drive.format", .required = true},
        {.name = "--bus", .valueName = "BUS", .help = "virtio (default) or scsi", .to = "drive.iface"},
        {.name = "--id", .valueName = "DEVICEID",
         .help = "Its name from now on; made from VM and source by default", .to = "drive.deviceId"},
        {.name = "--serial", .valueName = "SERIAL", .help = "What the guest sees as serial", .to = "drive.serial"},
        {.name = "--shared", .help = "Other VMs may use it at the same time", .value = Flag, .to = "drive.shared"},
        {.name = "--readonly", .help = "The guest may not write", .value = Flag, .to = "drive.readonly"},
        {.name = "--boot-order", .valueName = "N",
         .help = "Place among the boot devices, from 1", .value = Number, .to = "drive.bootOrder"},
        {.name = "--cache", .valueName = "MODE",
         .help = "none, writethrough, writeback, directsync, unsafe", .to = "drive.cache"},
        {.name = "--address", .valueName = "ADDRESS",
         .help = "0000:05:00.0 (PCI) or 0:0:0:3 (SCSI: controller, bus, target, unit)",
         .value = Address, .to = "drive.address"},
        {.name = "--target-index", .valueName = "N",
         .help = "Preferred target: 1 is vdb or sdb", .value = Number, .to = "drive.index"},
    });
}

Json::Value fixedParams()
{
    Json::Value params;
    params["drive"]["type"] = "disk";
    params["drive"]["device"] = "disk";
    params["waitForGuest"] = true;
    return params;
}

} // namespace

Command plugDisk()
{
    return {
        .name = "plug-disk",
        .summary = "Plug a disk into a running VM",
        .examples = "hotplugctl plug-disk web1 --source /var/lib/images/data.qcow2 --format qcow2\n"
                    "hotplugctl plug-disk web1 --source /images/logs.img --format raw --bus scsi --id logs --serial LOGS-1\n"
                    "hotplugctl plug-disk web1 --source /var/lib/images/data.qcow2 --format qcow2 --dry-run",
        .options = options(),
        .verbs = {"hotplugDisk"},
        .pace = Pace::Patient,
        .changes = true,
        .fixed = fixedParams(),
        .show = showPlugged,
    };
}

} // namespace hotplug::ctl
