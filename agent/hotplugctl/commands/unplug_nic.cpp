#include "hotplugctl/commands.h"
#include "hotplugctl/format/change.h"

namespace hotplug::ctl {

Command unplugNic()
{
    return {
        .name = "unplug-nic",
        .summary = "Unplug a network card from a running VM and wait until the guest has let go",
        .examples = "hotplugctl unplug-nic web1 backup\n"
                    "hotplugctl unplug-nic web1 --mac 52:54:00:12:34:56",
        .options = withChangeOptions({
            vmOption(),
            {.name = "DEVICEID", .help = "The card's id, as `hotplugctl list VM` shows it", .to = "deviceId"},
            {.name = "--mac", .valueName = "MAC", .help = "The MAC address instead of the id", .to = "nic.macAddr"},
            {.name = "--address", .valueName = "ADDRESS", .help = "Its PCI address, 0000:05:00.0, instead of the id",
             .value = Option::Value::Address, .to = "nic.address"},
            {.name = "--alias", .valueName = "ALIAS", .help = "libvirt's alias, for a card that others attached", .to = "alias"},
        }),
        .oneOf = {"DEVICEID", "--mac", "--address", "--alias"},
        .verbs = {"hotunplugNic"},
        .pace = Pace::Patient,
        .changes = true,
        .show = showUnplugged,
    };
}

} // namespace hotplug::ctl
