#include "hotplugctl/commands.h"
#include "hotplugctl/format/devices.h"
#include "hotplugctl/format/vms.h"

namespace hotplug::ctl {

Command list()
{
    Option vm = vmOption();
    vm.help = "UUID or name of the VM whose devices are listed; all VMs without it";
    vm.required = false;
    return {
        .name = "list",
        .summary = "List all VMs, or all devices of one VM",
        .examples = "hotplugctl list\n"
                    "hotplugctl list web1\n"
                    "hotplugctl list web1 --json",
        .options = {vm},
        .verbs = {"listDevices", "listVms"},
        .request = [](const Command&, const Arguments& arguments, std::istream&) {
            return Request{arguments.has("VM") ? "listDevices" : "listVms", Json::objectValue};
        },
        .show = [](const Shown& shown) { shown.arguments.has("VM") ? showDevices(shown) : showVms(shown); },
    };
}

} // namespace hotplug::ctl
