#include "hotplugctl/commands.h"
#include "hotplugctl/format/operations.h"

namespace hotplug::ctl {

namespace {

Option operationOption()
{
    return {.name = "OPERATION", .help = "Its id, as `hotplugctl operations` shows it", .to = "operationId", .required = true};
}

} // namespace

Command operations()
{
    Option vm = vmOption();
    vm.help = "UUID or name of the VM whose operations are listed; those of all VMs without it";
    vm.required = false;
    return {
        .name = "operations",
        .summary = "List what was asked, newest first, and what became of it",
        .examples = "hotplugctl operations\n"
                    "hotplugctl operations web1 --open\n"
                    "hotplugctl operations --limit 1000 --json",
        .options = {vm,
                    {.name = "--open", .help = "Only those that have not ended", .value = Option::Value::Flag, .to = "open"},
                    {.name = "--limit", .valueName = "N", .help = "At most this many, 1 to 1000; 100 by default",
                     .value = Option::Value::Number, .to = "limit"}},
        .verbs = {"listOperations"},
        .show = showOperations,
    };
}

Command operation()
{
    return {
        .name = "operation",
        .summary = "Show one operation and its timeline",
        .examples = "hotplugctl operation 0b6e38a4-52c5-4c4f-9f3c-0d7c7f1f8a11",
        .options = {operationOption()},
        .verbs = {"getOperation"},
        .show = showOperation,
    };
}

Command cancel()
{
    return {
        .name = "cancel",
        .summary = "Stop asking the guest to let go of a device; the device stays unless the guest has heard",
        .examples = "hotplugctl operations web1 --open\n"
                    "hotplugctl cancel 0b6e38a4-52c5-4c4f-9f3c-0d7c7f1f8a11",
        .options = {operationOption()},
        .verbs = {"cancelOperation"},
        .pace = Pace::Patient,
        .changes = true,
        .show = showCancelled,
    };
}

} // namespace hotplug::ctl
