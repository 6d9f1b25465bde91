#include "hotplugctl/commands.h"
#include "hotplugctl/format/json_text.h"
#include "hotplugctl/format/printable.h"
#include "hotplugctl/input_text.h"

#include <fmt/ostream.h>

namespace hotplug::ctl {

Command vmDefine()
{
    return {
        .name = "vm define",
        .summary = "Define a new VM from libvirt domain XML",
        .examples = "hotplugctl vm define web1.xml\n"
                    "virsh dumpxml --inactive old | hotplugctl vm define -",
        .options = {{.name = "FILE", .help = "The domain XML; - for standard input", .required = true}},
        .verbs = {"defineVm"},
        .pace = Pace::Patient,
        .changes = true,
        .request = [](const Command&, const Arguments& arguments, std::istream& in) {
            Request request{"defineVm", {}};
            request.params["xml"] = textFrom(*arguments.get("FILE"), in);
            return request;
        },
        .show = [](const Shown& shown) { fmt::print(shown.out, "Defined VM {}.\n", printable(textOf(shown.result, "vmId"))); },
    };
}

} // namespace hotplug::ctl
