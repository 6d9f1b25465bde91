#include "hotplugctl/commands.h"
#include "hotplugctl/format/vms.h"

namespace hotplug::ctl {

Command vmShow()
{
    return {
        .name = "vm show",
        .summary = "Show one VM; its devices are shown by `hotplugctl list VM`",
        .examples = "hotplugctl vm show web1",
        .options = {vmOption()},
        .verbs = {"getVm"},
        .show = showVm,
    };
}

} // namespace hotplug::ctl
