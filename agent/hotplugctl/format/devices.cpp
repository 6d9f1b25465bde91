#include "hotplugctl/format/devices.h"

#include "hotplugctl/address_text.h"
#include "hotplugctl/format/json_text.h"
#include "hotplugctl/format/printable.h"
#include "hotplugctl/format/table.h"
#include "model/outcome.h"

#include <algorithm>
#include <fmt/ostream.h>
#include <ostream>

namespace hotplug::ctl {

namespace {

struct Marker {
    std::string_view state;
    std::string_view unicode, ascii;
    Colour colour;
};

const Marker& markerOf(std::string_view state)
{
    static const Marker markers[] = {
        {name(DeviceState::Plugged), "●", "*", Colour::Green},
        {name(DeviceState::Unplugged), "○", "o", Colour::Dim},
        {name(DeviceState::Plugging), "◐", "+", Colour::Yellow},
        {name(DeviceState::Unplugging), "◑", "-", Colour::Yellow},
        {name(DeviceState::Drifted), "▲", "!", Colour::Red},
    };
    static const Marker unknown{"", "?", "?", Colour::Red};
    const auto found = std::ranges::find(markers, state, &Marker::state);
    return found == std::end(markers) ? unknown : *found;
}

/// What to type after `unplug-disk VM`.
std::string handleOf(const Json::Value& device)
{
    const std::string id = textOf(device, "deviceId");
    return id.empty() ? "--alias " + textOf(device, "alias") : id;
}

std::string identityOf(const Json::Value& device)
{
    const std::string serial = textOf(device, "serial");
    return serial.empty() ? textOf(device, "macAddr") : serial;
}

std::string seenBy(const Json::Value& device)
{
    const std::string seen = textOf(device, "guestSeen");
    return seen == "yes" ? "seen" : seen == "no" ? "not seen" : "";
}

std::vector<Cell> rowOf(const Json::Value& device, const Style& style)
{
    const std::string state = textOf(device, "state");
    const Marker& marker = markerOf(state);
    return {Cell(std::string(style.unicode ? marker.unicode : marker.ascii), marker.colour),
            handleOf(device), textOf(device, "kind"), Cell(state, marker.colour), textOf(device, "target"),
            addressText(memberOf(device, "address")), textOf(device, "model"), seenBy(device), identityOf(device),
            textOf(device, "source")};
}

} // namespace

std::string devicesTable(const std::vector<Json::Value>& devices, const Style& style)
{
    Table table({"", "DEVICE", "KIND", "STATE", "TARGET", "ADDRESS", "MODEL", "GUEST", "SERIAL/MAC", "SOURCE"});
    std::string problems;
    for (const Json::Value& device : devices) {
        table.add(rowOf(device, style));
        if (const std::string problem = textOf(device, "problem"); !problem.empty())
            problems += printable(fmt::format("{}: {}", handleOf(device), problem)) + '\n';
    }
    return table.str(style) + style.paint(problems, problems.empty() ? Colour::Plain : Colour::Yellow);
}

void showDevices(const Shown& shown)
{
    const auto devices = elementsOf(memberOf(shown.result, "devices"));
    if (devices.empty())
        fmt::print(shown.out, "VM {} has no disks and no network cards.\n", printable(*shown.arguments.get("VM")));
    else
        shown.out << devicesTable(devices, shown.style);
}

} // namespace hotplug::ctl
