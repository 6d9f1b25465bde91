#include "hotplugctl/format/change.h"

#include "hotplugctl/address_text.h"
#include "hotplugctl/format/devices.h"
#include "hotplugctl/format/json_text.h"
#include "hotplugctl/format/printable.h"
#include "hotplugctl/format/table.h"

#include <fmt/ostream.h>
#include <sstream>

namespace hotplug::ctl {

namespace {

void showWarnings(const Shown& shown)
{
    for (const Json::Value& warning : elementsOf(memberOf(shown.result, "warnings")))
        fmt::print(shown.err, "{} {}\n", shown.style.paint("warning:", Colour::Yellow), printable(scalarText(warning)));
}

/// hotplugNic's `devices` is what engines read, so `device` comes first.
std::vector<Json::Value> devicesOf(const Json::Value& result)
{
    const Json::Value& device = memberOf(result, "device");
    return device.isObject() ? std::vector{device} : elementsOf(memberOf(result, "devices"));
}

std::string indented(const std::string& text)
{
    std::istringstream lines(text);
    std::string result;
    for (std::string line; std::getline(lines, line);)
        result += "    " + line + '\n';
    return result;
}

void showPlan(const Shown& shown, const Json::Value& plan)
{
    const bool persist = textOf(plan, "persist") == "true";
    Table table;
    table.add({"  Goal", textOf(plan, "goal")});
    table.add({"  Device", textOf(plan, "deviceId")});
    table.add({"  Alias", textOf(plan, "alias")});
    table.add({"  Address", addressText(memberOf(plan, "address"))});
    table.add({"  Target", textOf(plan, "target")});
    table.add({"  Where", persist ? "the running VM and its definition" : "the running VM only"});
    for (const Json::Value& conflict : elementsOf(memberOf(plan, "conflicts")))
        table.add({"  Conflict", Cell(conflict.isObject() ? compactJson(conflict) : scalarText(conflict), Colour::Yellow)});
    shown.out << table.str(shown.style);
    if (const std::string xml = textOf(plan, "xml"); !xml.empty())
        shown.out << "  XML\n" << indented(printableLines(xml));
}

void showPlans(const Shown& shown)
{
    shown.out << "This would be done; nothing was touched.\n";
    for (const Json::Value& plan : elementsOf(memberOf(shown.result, "plans")))
        showPlan(shown, plan);
}

bool isDryRun(const Shown& shown)
{
    return textOf(shown.result, "dryRun") == "true";
}

/// Whether the guest noticed is worth a sentence: a disk nobody has read from may be one that nobody found.
void showGuest(const Shown& shown, const Json::Value& device)
{
    const std::string seen = textOf(device, "guestSeen");
    if (seen == "yes")
        shown.out << "The guest has seen it.\n";
    else if (seen == "no")
        fmt::print(shown.out, "The guest has not read from it yet; `hotplugctl list {}` shows when it has.\n",
                   printable(*shown.arguments.get("VM")));
}

void showSerial(const Shown& shown, const Json::Value& device)
{
    const std::string serial = textOf(device, "guestSerial");
    if (!serial.empty() && serial != textOf(device, "serial"))
        fmt::print(shown.out, "The guest sees its serial cut to {}.\n", printable(serial));
}

} // namespace

void showPlugged(const Shown& shown)
{
    showWarnings(shown);
    if (isDryRun(shown))
        return showPlans(shown);
    const auto devices = devicesOf(shown.result);
    fmt::print(shown.out, "Plugged into VM {}:\n{}", printable(*shown.arguments.get("VM")),
               devicesTable(devices, shown.style));
    for (const Json::Value& device : devices) {
        showSerial(shown, device);
        showGuest(shown, device);
    }
}

void showUnplugged(const Shown& shown)
{
    showWarnings(shown);
    if (isDryRun(shown))
        return showPlans(shown);
    fmt::print(shown.out, "Unplugged from VM {}:\n{}", printable(*shown.arguments.get("VM")),
               devicesTable(devicesOf(shown.result), shown.style));
}

} // namespace hotplug::ctl
