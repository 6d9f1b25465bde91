#include "hotplugctl/commands.h"
#include "hotplugctl/errors.h"
#include "hotplugctl/format/json_text.h"
#include "hotplugctl/format/printable.h"

#include <fmt/ostream.h>
#include <fstream>
#include <sstream>

namespace hotplug::ctl {

namespace {

std::string xmlFrom(const std::string& file, std::istream& in)
{
    std::ifstream opened;
    if (file != "-")
        opened.open(file);
    std::ostringstream xml;
    xml << (file == "-" ? in : opened).rdbuf();         // fails when nothing comes, be it a folder
    if (!xml)
        throw UsageError(fmt::format("{} cannot be read", file), "it is missing, empty or not yours to read");
    return xml.str();
}

} // namespace

Command vmDefine()
{
    return {
        .name = "vm define",
        .summary = "Define a new VM from libvirt domain XML",
        .examples = "hotplugctl vm define web1.xml\n"
                    "virsh dumpxml --inactive old | hotplugctl vm define -",
        .options = {{.name = "FILE", .help = "The domain XML; - for standard input", .required = true}},
        .verbs = {"defineVm"},
        .pace = Pace::Slow,
        .changes = true,
        .request = [](const Command&, const Arguments& arguments, std::istream& in) {
            Request request{"defineVm", {}};
            request.params["xml"] = xmlFrom(*arguments.get("FILE"), in);
            return request;
        },
        .show = [](const Shown& shown) { fmt::print(shown.out, "Defined VM {}.\n", printable(textOf(shown.result, "vmId"))); },
    };
}

} // namespace hotplug::ctl
