#include "hotplugctl/commands.h"

#include <ostream>

namespace hotplug::ctl {

Command ping()
{
    return {
        .name = "ping",
        .summary = "Ask whether hotplugd answers",
        .verbs = {"ping"},
        .show = [](const Shown& shown) { shown.out << "hotplugd answers.\n"; },
    };
}

} // namespace hotplug::ctl
