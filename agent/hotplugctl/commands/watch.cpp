#include "hotplugctl/commands.h"
#include "hotplugctl/format/events.h"

namespace hotplug::ctl {

Command watch()
{
    Option vm = vmOption();
    vm.help = "UUID or name of the VM that is watched; all VMs without it";
    vm.required = false;
    return {
        .name = "watch",
        .summary = "Print what happens to operations and devices, until interrupted; also across restarts of hotplugd",
        .examples = "hotplugctl watch\n"
                    "hotplugctl watch web1 --timeout 60\n"
                    "hotplugctl watch --json --after 1234        # one object per line, from a cursor seen earlier",
        .options = {vm,
                    {.name = "--after", .valueName = "CURSOR", .help = "Also what has happened since then: an event's cursor",
                     .to = "after"}},
        .verbs = {"watchEvents"},
        .pace = Pace::Patient,
        .follow = Follow{.items = "events", .cursor = "cursor", .after = "after"},
        .show = showEvents,
    };
}

} // namespace hotplug::ctl
