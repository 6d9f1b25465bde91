#include "faults/storm_views.h"

#include "hotplugctl/format/json_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hotplug::test {

namespace {

using View = StormView;

constexpr View running[] = {View::Guest, View::LiveXml, View::QemuDevices, View::QemuBackends, View::Bridge};
constexpr View written[] = {View::Definition, View::LiveRecord, View::DefinitionRecord, View::Listed};
constexpr std::string_view ours = "ua-", ourNetdev = "hostua-";

Json::Value answerOf(Qmp& qemu, const std::string& command, const std::string& arguments = "{}")
{
    std::string problem;
    const auto answer = ctl::parseJson(qemu.execute(command, arguments), problem);
    if (!answer)
        throw std::runtime_error("QMP " + command + ": " + problem);
    return (*answer)["return"];
}

/// `hostua-nic-1: index=0,type=tap,…`
std::vector<std::string> netdevsIn(const std::string& infoNetwork)
{
    std::vector<std::string> ids;
    for (auto at = infoNetwork.find(ourNetdev); at != std::string::npos; at = infoNetwork.find(ourNetdev, at + 1)) {
        const auto start = at + ourNetdev.size();
        if (const auto end = infoNetwork.find(':', start); end != std::string::npos)
            ids.push_back(infoNetwork.substr(start, end - start));
    }
    return ids;
}

} // namespace

std::string name(StormView view)
{
    switch (view) {
    case View::Guest: return "the guest";
    case View::LiveXml: return "the live XML";
    case View::QemuDevices: return "QEMU's devices";
    case View::QemuBackends: return "QEMU's backends";
    case View::Bridge: return "the bridge";
    case View::Definition: return "the definition";
    case View::LiveRecord: return "the live record";
    case View::DefinitionRecord: return "the definition's record";
    case View::Listed: return "listDevices";
    }
    throw std::logic_error("no such view");
}

StormViews::StormViews(StormVm& vm) : vm_(vm)
{
    lookIntoXml(vm.vm.liveXml(), View::LiveXml, View::LiveRecord);
    lookIntoXml(vm.vm.configXml(), View::Definition, View::DefinitionRecord);
    lookIntoQemu();
    lookAtBridge();
    lookAtList();
    lookIntoGuest();
}

const StormDevice* StormViews::deviceOf(const std::string& id) const
{
    const auto found = std::ranges::find(vm_.devices, id, [](const StormDevice& device) { return device.part.id; });
    return found == vm_.devices.end() ? nullptr : &*found;
}

/// Of the device that the guest knows by this, or whose image it is.
std::string StormViews::idOf(const std::string& key, const std::string& value) const
{
    const auto isIt = [&](const StormDevice& device) {
        const auto inGuest = device.part.inGuest.find(key);
        return key == "image" ? device.part.backend == value
                              : inGuest != device.part.inGuest.end() && inGuest->second == value;
    };
    const auto found = std::ranges::find_if(vm_.devices, isIt);
    return found == vm_.devices.end() ? "[" + value + "]" : found->part.id;
}

void StormViews::lookIntoGuest()
{
    for (const auto& [kind, key] : {std::pair{"disk", "serial"}, {"nic", "mac"}})
        for (const auto& line : vm_.vm.guestDevices(kind))
            note(View::Guest, idOf(key, line[key]));
}

void StormViews::lookIntoXml(const std::string& xml, StormView devices, StormView records)
{
    const auto document = parseDomain(xml);
    for (const auto& device : document.child("domain").child("devices"))
        if (const std::string alias = device.child("alias").attribute("name").value(); alias.starts_with(ours))
            note(devices, alias.substr(ours.size()));
    for (const auto& record : document.child("domain").child("metadata").child("hotplugd:vm"))
        note(records, record.attribute("id").value());
}

void StormViews::lookIntoQemu()
{
    auto& qemu = vm_.vm.monitor();
    for (const auto& device : answerOf(qemu, "qom-list", R"({"path": "/machine/peripheral"})"))
        if (const auto alias = device["name"].asString(); alias.starts_with(ours))
            note(View::QemuDevices, alias.substr(ours.size()));
    for (const auto& node : answerOf(qemu, "query-named-block-nodes"))
        if (node["drv"] == "file")
            note(View::QemuBackends, idOf("image", node["file"].asString()));
    const auto network = answerOf(qemu, "human-monitor-command", R"({"command-line": "info network"})");
    for (const auto& id : netdevsIn(network.asString()))
        note(View::QemuBackends, id);
}

void StormViews::lookAtBridge()
{
    const auto document = parseDomain(vm_.vm.liveXml());
    std::map<std::string, std::string> owners;
    for (const auto& nic : document.child("domain").child("devices").children("interface"))
        owners[nic.child("target").attribute("dev").value()] = idOf("mac", nic.child("mac").attribute("address").value());
    for (const auto& port : std::filesystem::directory_iterator("/sys/class/net/" + vm_.bridge.name() + "/brif")) {
        const auto tap = port.path().filename().string();
        note(View::Bridge, owners.contains(tap) ? owners[tap] : "[" + tap + "]");
    }
}

void StormViews::lookAtList()
{
    const auto listed = vm_.vm.must("listDevices", {})["devices"];
    for (const auto& device : listed) {
        const auto id = device["deviceId"].asString();
        if (device["state"] == "plugged" && !id.empty())
            note(View::Listed, id);
        if (device["state"] == "drifted")
            drifted_[id] = device["problem"].asString();
    }
}

bool StormViews::has(StormView view, const std::string& id) const
{
    const auto seen = seen_.find(view);
    return seen != seen_.end() && seen->second.contains(id);
}

bool StormViews::isForgottenByLibvirt(const std::string& id) const
{
    return has(View::QemuDevices, id) && has(View::QemuBackends, id) && !has(View::LiveXml, id) && !has(View::Listed, id);
}

std::vector<std::string> StormViews::disagreements(const std::string& id, std::optional<bool> there) const
{
    const auto* device = deviceOf(id);
    std::vector<std::string> with, without;
    const auto look = [&](View view) {
        if (view != View::Bridge || device->isNic())
            (has(view, id) ? with : without).push_back(name(view));
    };
    std::ranges::for_each(running, look);
    if (!isDrifted(id))
        std::ranges::for_each(written, look);
    if (there ? (*there ? without : with).empty() : with.empty() || without.empty())
        return {};
    return {fmt::format("{} is in {}; not in {}; the journal says {}", id, fmt::join(with, ", "), fmt::join(without, ", "),
        there ? *there ? "it is there" : "it is gone" : "nothing certain")};
}

std::vector<std::string> StormViews::orphans() const
{
    std::vector<std::string> found;
    for (const auto& [view, ids] : seen_)
        for (const auto& id : ids)
            if (!deviceOf(id))
                found.push_back(fmt::format("{} has {}, which is nobody's", name(view), id));
    return found;
}

} // namespace hotplug::test
