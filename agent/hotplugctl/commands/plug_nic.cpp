#include "hotplugctl/commands.h"
#include "hotplugctl/format/change.h"

namespace hotplug::ctl {

namespace {

std::vector<Option> options()
{
    using enum Option::Value;
    return withChangeOptions({
        vmOption(),
        {.name = "--network", .valueName = "BRIDGE",
         .help = "The host's bridge", .to = "nic.network", .required = true},
        {.name = "--mac", .valueName = "MAC", .help = "MAC address; drawn at random by default", .to = "nic.macAddr"},
        {.name = "--model", .valueName = "MODEL", .help = "pv (default), rtl8139, e1000, e1000e", .to = "nic.nicModel"},
        {.name = "--id", .valueName = "DEVICEID",
         .help = "Its name from now on; made from VM and MAC by default", .to = "nic.deviceId"},
        {.name = "--mtu", .valueName = "N", .help = "Bytes per frame", .value = Number, .to = "nic.mtu"},
        {.name = "--link-down",
         .help = "Plug it with its cable pulled", .value = Flag, .to = "nic.linkActive", .flagValue = false},
        {.name = "--boot-order", .valueName = "N",
         .help = "Place among the boot devices, from 1", .value = Number, .to = "nic.bootOrder"},
        {.name = "--address", .valueName = "ADDRESS",
         .help = "PCI address: 0000:05:00.0", .value = Address, .to = "nic.address"},
    });
}

Json::Value fixedParams()
{
    Json::Value params;
    params["nic"]["type"] = "interface";
    params["nic"]["device"] = "bridge";
    return params;
}

} // namespace

Command plugNic()
{
    return {
        .name = "plug-nic",
        .summary = "Plug a network card into a running VM",
        .examples = "hotplugctl plug-nic web1 --network br0\n"
                    "hotplugctl plug-nic web1 --network br0 --mac 52:54:00:12:34:56 --model e1000e --id backup",
        .options = options(),
        .verbs = {"hotplugNic"},
        .pace = Pace::Patient,
        .changes = true,
        .fixed = fixedParams(),
        .show = showPlugged,
    };
}

} // namespace hotplug::ctl
