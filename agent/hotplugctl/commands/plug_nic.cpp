#include "hotplugctl/commands.h"
#include "hotplugctl/errors.h"
#include "hotplugctl/format/change.h"
#include "hotplugctl/split.h"

#include <array>
#include <fmt/format.h>

namespace hotplug::ctl {

namespace {

using enum Option::Value;

std::vector<Option> attachmentOptions()
{
    return {
        {.name = "--network", .valueName = "BRIDGE", .help = "On the host's bridge", .to = "nic.network"},
        {.name = "--link", .valueName = "LINK",
         .help = "On a link of the host without a bridge (macvtap), such as eth1", .to = "nic.network"},
        {.name = "--vf", .valueName = "PCI",
         .help = "A virtual function of the host, passed through (SR-IOV): 0000:05:00.1", .to = "nic.hostdev"},
        {.name = "--profile", .valueName = "PROFILE",
         .help = "With --link: the port profile of a VM-FEX switch", .to = "nic.specParams.profile"},
    };
}

std::vector<Option> lookOptions()
{
    return {
        {.name = "--mac", .valueName = "MAC", .help = "MAC address; drawn at random by default", .to = "nic.macAddr"},
        {.name = "--model", .valueName = "MODEL", .help = "pv (default), rtl8139, e1000, e1000e", .to = "nic.nicModel"},
        {.name = "--id", .valueName = "DEVICEID",
         .help = "Its name from now on; made from VM and MAC by default", .to = "nic.deviceId"},
        {.name = "--queues", .valueName = "N", .help = "Queues of the model pv", .value = Number, .to = "nic.queues"},
        {.name = "--mtu", .valueName = "N", .help = "Bytes per frame", .value = Number, .to = "nic.mtu"},
        {.name = "--link-down",
         .help = "Plug it with its cable pulled", .value = Flag, .to = "nic.linkActive", .flagValue = false},
        {.name = "--boot-order", .valueName = "N",
         .help = "Place among the boot devices, from 1", .value = Number, .to = "nic.bootOrder"},
        {.name = "--address", .valueName = "ADDRESS",
         .help = "PCI address: 0000:05:00.0", .value = Address, .to = "nic.address"},
    };
}

std::vector<Option> trafficOptions()
{
    return {
        {.name = "--inbound", .valueName = "AVERAGE[,PEAK[,BURST]]",
         .help = "Limits of what the guest receives: KiB/s, KiB/s, KiB"},
        {.name = "--outbound", .valueName = "AVERAGE[,PEAK[,BURST]]", .help = "Limits of what the guest sends"},
        {.name = "--filter", .valueName = "NAME", .help = "A libvirt nwfilter", .to = "nic.filter"},
        {.name = "--filter-parameters", .valueName = "NAME=VALUE[,…]", .help = "Its variables"},
        {.name = "--isolated", .help = "No traffic to other isolated ports of the bridge",
         .value = Flag, .to = "nic.port_isolated"},
    };
}

std::vector<Option> options()
{
    std::vector<Option> all{vmOption()};
    for (auto&& some : {attachmentOptions(), lookOptions(), trafficOptions()})
        all.insert(all.end(), some.begin(), some.end());
    return withChangeOptions(std::move(all));
}

Json::Value limitsFrom(const std::string& option, const std::string& text)
{
    constexpr std::array keys = {"average", "peak", "burst"};
    const auto values = split(text, ',');
    if (text.empty() || values.size() > keys.size())
        throw UsageError(fmt::format("{} must be AVERAGE[,PEAK[,BURST]]", option), fmt::format("it is '{}'", text));
    Json::Value limits;
    for (std::size_t i = 0; i < values.size(); ++i)
        if (!values[i].empty())
            limits[keys[i]] = values[i];
    return limits;
}

Json::Value parametersFrom(const std::string& text)
{
    Json::Value list(Json::arrayValue);
    for (const auto& part : split(text, ',')) {
        const auto equals = part.find('=');
        if (equals == part.npos)
            throw UsageError("--filter-parameters must be NAME=VALUE, with commas between them",
                             fmt::format("one is '{}'", part));
        Json::Value parameter;
        parameter["name"] = part.substr(0, equals);
        parameter["value"] = part.substr(equals + 1);
        list.append(std::move(parameter));
    }
    return list;
}

/// The dictionary's word for what was named.
std::string deviceOf(const Arguments& arguments)
{
    if (arguments.has("--vf"))
        return "sriov";
    if (arguments.has("--link"))
        return arguments.has("--profile") ? "vnlink" : "bridgeless";
    return "bridge";
}

Request request(const Command& command, const Arguments& arguments, std::istream&)
{
    auto made = plainRequest(command, arguments);
    auto& nic = made.params["nic"];
    nic["device"] = deviceOf(arguments);
    for (const std::string direction : {"inbound", "outbound"})
        if (const auto limits = arguments.get("--" + direction))
            nic["specParams"][direction] = limitsFrom("--" + direction, *limits);
    if (const auto parameters = arguments.get("--filter-parameters"))
        nic["filterParameters"] = parametersFrom(*parameters);
    return made;
}

Json::Value fixedParams()
{
    Json::Value params;
    params["nic"]["type"] = "interface";
    return params;
}

} // namespace

Command plugNic()
{
    return {
        .name = "plug-nic",
        .summary = "Plug a network card into a running VM",
        .examples = "hotplugctl plug-nic web1 --network br0\n"
                    "hotplugctl plug-nic web1 --network br0 --mac 52:54:00:12:34:56 --model e1000e --id backup\n"
                    "hotplugctl plug-nic web1 --network br0 --inbound 1000,5000,1024 --outbound 128 --filter clean-traffic\n"
                    "hotplugctl plug-nic web1 --link eth1 --queues 4\n"
                    "hotplugctl plug-nic web1 --vf 0000:05:00.1",
        .options = options(),
        .oneOf = {"--network", "--link", "--vf"},
        .verbs = {"hotplugNic"},
        .pace = Pace::Patient,
        .changes = true,
        .fixed = fixedParams(),
        .request = request,
        .show = showPlugged,
    };
}

} // namespace hotplug::ctl
