#include "hotplugctl/commands.h"
#include "hotplugctl/format/json_text.h"
#include "hotplugctl/format/table.h"

#include <fmt/ranges.h>
#include <ostream>

namespace hotplug::ctl {

namespace {

std::string joined(const Json::Value& values)
{
    std::vector<std::string> texts;
    for (const Json::Value& value : elementsOf(values))
        texts.push_back(scalarText(value));
    return fmt::format("{}", fmt::join(texts, ", "));
}

void show(const Shown& shown)
{
    const Json::Value& result = shown.result;
    Table table;
    table.add({"Software", fmt::format("{} {}", textOf(result, "software"), textOf(result, "version"))});
    table.add({"libvirt", fmt::format("{}, {}", textOf(result, "connection"),
                                      textOf(result, "libvirt") == "true" ? "connected" : "not connected")});
    table.add({"Disk buses", joined(memberOf(result, "diskBuses"))});
    table.add({"Disk devices", joined(memberOf(result, "diskDevices"))});
    table.add({"Disk sources", joined(memberOf(result, "diskSources"))});
    table.add({"Disk formats", joined(memberOf(result, "diskFormats"))});
    table.add({"NIC devices", joined(memberOf(result, "nicDevices"))});
    table.add({"NIC models", joined(memberOf(result, "nicModels"))});
    table.add({"Image roots", joined(memberOf(result, "imageRoots"))});
    table.add({"Block devices", joined(memberOf(result, "blockDevices"))});
    table.add({"Data centre", textOf(result, "dataCenterRoot")});
    table.add({"Verbs", joined(memberOf(result, "verbs"))});
    shown.out << table.str(shown.style);
}

} // namespace

Command capabilities()
{
    return {
        .name = "capabilities",
        .summary = "Show what this hotplugd and its host can do",
        .verbs = {"getCapabilities"},
        .show = show,
    };
}

} // namespace hotplug::ctl
