#include "hotplugctl/commands.h"
#include "hotplugctl/format/change.h"

namespace hotplug::ctl {

Command unplugDisk()
{
    return {
        .name = "unplug-disk",
        .summary = "Unplug a disk from a running VM and wait until the guest has let go",
        .examples = "hotplugctl unplug-disk web1 logs\n"
                    "hotplugctl unplug-disk web1 --source /var/lib/images/data.qcow2 --timeout 120\n"
                    "hotplugctl unplug-disk web1 --alias virtio-disk1",
        .options = withChangeOptions({
            vmOption(),
            {.name = "DEVICEID", .help = "The disk's id, as `hotplugctl list VM` shows it", .to = "deviceId"},
            {.name = "--source", .valueName = "PATH", .help = "The image instead of the id", .to = "drive.path"},
            {.name = "--serial", .valueName = "SERIAL", .help = "The serial instead of the id", .to = "drive.serial"},
            {.name = "--alias", .valueName = "ALIAS", .help = "libvirt's alias, for a disk that others attached", .to = "alias"},
        }),
        .oneOf = {"DEVICEID", "--source", "--serial", "--alias"},
        .verbs = {"hotunplugDisk"},
        .pace = Pace::Patient,
        .changes = true,
        .show = showUnplugged,
    };
}

} // namespace hotplug::ctl
