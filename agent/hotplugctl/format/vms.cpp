#include "hotplugctl/format/vms.h"

#include "hotplugctl/format/json_text.h"
#include "hotplugctl/format/table.h"
#include "model/outcome.h"

#include <ostream>

namespace hotplug::ctl {

namespace {

Cell statusCell(const Json::Value& vm)
{
    const std::string status = textOf(vm, "status");
    if (status == name(VmStatus::Running))
        return {status, Colour::Green};
    if (status == name(VmStatus::Down))
        return {status, Colour::Dim};
    return {status, status == name(VmStatus::Crashed) ? Colour::Red : Colour::Yellow};
}

std::string persistence(const Json::Value& vm)
{
    return textOf(vm, "persistent") == "true" ? "yes" : "no";
}

} // namespace

void showVms(const Shown& shown)
{
    const auto vms = elementsOf(memberOf(shown.result, "vms"));
    if (vms.empty()) {
        shown.out << "libvirt knows no VMs.\n";
        return;
    }
    Table table({"NAME", "STATUS", "PERSISTENT", "UUID"});
    for (const Json::Value& vm : vms)
        table.add({textOf(vm, "name"), statusCell(vm), persistence(vm), textOf(vm, "vmId")});
    shown.out << table.str(shown.style);
}

void showVm(const Shown& shown)
{
    const Json::Value& vm = memberOf(shown.result, "vm");
    Table table;
    table.add({"Name", textOf(vm, "name")});
    table.add({"UUID", textOf(vm, "vmId")});
    table.add({"Status", statusCell(vm)});
    table.add({"Persistent", persistence(vm)});
    table.add({"Machine", textOf(vm, "machine")});
    table.add({"Memory", textOf(vm, "memoryMiB") + " MiB"});
    if (const std::string problem = textOf(vm, "problem"); !problem.empty())
        table.add({"Problem", Cell(problem, Colour::Yellow)});
    shown.out << table.str(shown.style);
}

} // namespace hotplug::ctl
