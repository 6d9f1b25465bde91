#include "hotplugctl/commands.h"
#include "hotplugctl/format/vms.h"

namespace hotplug::ctl {

Command vmList()
{
    return {
        .name = "vm list",
        .summary = "List all VMs",
        .verbs = {"listVms"},
        .show = showVms,
    };
}

} // namespace hotplug::ctl
