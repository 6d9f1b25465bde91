#include "hotplugctl/commands.h"
#include "hotplugctl/commands/disk_options.h"
#include "hotplugctl/format/change.h"

namespace hotplug::ctl {

namespace {

std::vector<Option> options()
{
    std::vector<Option> all{
        vmOption(),
        {.name = "DEVICEID", .help = "The disk's id, as `hotplugctl list VM` shows it; or instead of it", .to = "deviceId"},
    };
    for (auto&& option : sourceOptions())
        all.push_back(option);
    all.insert(all.end(), {
        {.name = "--serial", .valueName = "SERIAL", .help = "Its serial", .to = "drive.serial"},
        {.name = "--address", .valueName = "ADDRESS", .help = "0000:05:00.0 (PCI) or 0:0:0:3 (SCSI)",
         .value = Option::Value::Address, .to = "drive.address"},
        {.name = "--alias", .valueName = "ALIAS", .help = "libvirt's alias, for a disk that others attached", .to = "alias"},
        {.name = "--file", .valueName = "FILE", .help = "JSON: a drive, or a list of drives; - for standard input"},
    });
    return withChangeOptions(std::move(all));
}

} // namespace

Command unplugDisk()
{
    return {
        .name = "unplug-disk",
        .summary = "Unplug disks from a running VM and wait until the guest has let go",
        .examples = "hotplugctl unplug-disk web1 logs\n"
                    "hotplugctl unplug-disk web1 --source /var/lib/images/data.qcow2 --timeout 120\n"
                    "hotplugctl unplug-disk web1 --alias virtio-disk1\n"
                    "echo '[{\"deviceId\": \"logs\"}, {\"deviceId\": \"data\"}]' | hotplugctl unplug-disk web1 --file -",
        .options = options(),
        .oneOf = {"DEVICEID", "--source", "--guid", "--uuid", "--image", "--serial", "--address", "--alias", "--file"},
        .verbs = {"hotunplugDisk"},
        .pace = Pace::Patient,
        .changes = true,
        .request = diskRequest,
        .show = showUnplugged,
    };
}

} // namespace hotplug::ctl
