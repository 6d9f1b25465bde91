#include "hotplugctl/commands.h"
#include "hotplugctl/format/printable.h"

#include <fmt/ostream.h>

namespace hotplug::ctl {

namespace {

/// The commands that take a VM, change it as a whole and have nothing to show but that it is done.
/// `done` has {} for the VM as the user named it.
Command power(const std::string& word, const std::string& verb, const std::string& summary, const std::string& done)
{
    return {
        .name = "vm " + word,
        .summary = summary,
        .examples = fmt::format("hotplugctl vm {} web1", word),
        .options = {vmOption()},
        .verbs = {verb},
        .pace = Pace::Patient,
        .changes = true,
        .show = [done](const Shown& shown) {
            fmt::print(shown.out, fmt::runtime(done + "\n"), printable(*shown.arguments.get("VM")));
        },
    };
}

} // namespace

Command vmStart()
{
    return power("start", "startVm", "Start a VM", "Started VM {}.");
}

Command vmShutdown()
{
    return power("shutdown", "shutdownVm", "Ask the guest to shut down; does not wait until it has",
                 "Asked VM {} to shut down.");
}

Command vmDestroy()
{
    return power("destroy", "destroyVm", "Stop a VM at once, as if its power cable were pulled", "Stopped VM {}.");
}

Command vmUndefine()
{
    return power("undefine", "undefineVm", "Remove a VM's definition; its images stay", "Removed the definition of VM {}.");
}

} // namespace hotplug::ctl
