#include "hotplugctl/commands.h"
#include "hotplugctl/format/capacity.h"

namespace hotplug::ctl {

Command capacity()
{
    return {
        .name = "capacity",
        .summary = "Show how many devices still fit into a VM, and what blocks",
        .examples = "hotplugctl capacity web1\n"
                    "hotplugctl capacity web1 --json",
        .options = {vmOption()},
        .verbs = {"capacity"},
        .show = showCapacity,
    };
}

} // namespace hotplug::ctl
