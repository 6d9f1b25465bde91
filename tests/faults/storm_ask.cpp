#include "faults/storm_ask.h"

#include "integration/requests.h"

#include "hotplugctl/format/json_text.h"

#include <algorithm>
#include <fmt/format.h>

namespace hotplug::test {

namespace {

constexpr auto nobody = "00000000-0000-4000-8000-000000000000";
constexpr std::size_t namedKept = 8;

std::string bodyOf(const std::string& verb, const Json::Value& params)
{
    return ctl::compactJson(object({{"jsonrpc", "2.0"}, {"id", 1}, {"method", verb}, {"params", params}}));
}

StormAsk asking(const std::string& verb, const Json::Value& params)
{
    return {verb, params, bodyOf(verb, params)};
}

StormAsk refusableAsk(const std::string& verb, const Json::Value& params)
{
    return {verb, params, bodyOf(verb, params), true};
}

const char* verbFor(const StormDevice& device, bool plug)
{
    if (device.isNic())
        return plug ? "hotplugNic" : "hotunplugNic";
    return plug ? "hotplugDisk" : "hotunplugDisk";
}

std::string imageOf(const StormVm& vm)
{
    return std::ranges::find_if_not(vm.devices, &StormDevice::isNic)->part.backend;
}

std::vector<StormAsk> refusableAsks(const StormVm& vm)
{
    const auto image = imageOf(vm), id = vm.vm.id();
    const auto ask = refusableAsk;
    const auto plug = [&](Json::Value params) { return ask("hotplugDisk", with(std::move(params), {{"vmId", id}})); };
    const auto bad = [&](const char* key, const Json::Value& value) {
        return plug(drive(image, {{"deviceId", "bad"}, {key, value}}));
    };
    return {
        ask("hotplugDisk", with(drive(image), {{"vmId", nobody}})),
        ask("hotunplugDisk", object({{"vmId", id}, {"deviceId", "nobody"}})),
        ask("listDevices", object({{"vmId", nobody}})),
        ask("getOperation", object({{"operationId", nobody}})),
        ask("fly", object({{"vmId", id}})),
        ask("hotplugDisk", object({{"vmId", 5}, {"drive", "x"}, {"timeout", "soon"}})),
        ask("hotplugNic", with(nic("hp-none"), {{"vmId", id}})),
        bad("address", pciAddress(0, 12)), bad("address", pciAddress(99)), bad("iface", "sata"),
        bad("serial", std::string(40, 'x')), bad("unheardOf", 1), bad("deviceId", "no such name"),
        plug(drive("/etc/passwd")), plug(drive(image + "-none")),
    };
}

} // namespace

StormAsks::StormAsks(const StormGround& ground, unsigned seed, unsigned client)
    : ground_(ground), random_(seed * 1000 + client), name_(fmt::format("{}-{}", seed, client)), heard_(nobody)
{
}

void StormAsks::hear(const std::string& operationId, bool pending)
{
    heard_ = operationId;
    if (pending)
        pending_ = operationId;
}

std::chrono::milliseconds StormAsks::nextPause()
{
    constexpr unsigned longest = 2000;              // two processors carry the eight guests and all the rest
    return std::chrono::milliseconds(below(longest));
}

StormAsk StormAsks::next()
{
    static constexpr struct {
        unsigned weight;
        Make make;
    } kinds[] = {{52, &StormAsks::change}, {5, &StormAsks::changeList}, {4, &StormAsks::repeat},
        {2, &StormAsks::repeatWithOthers}, {2, &StormAsks::cancel}, {14, &StormAsks::look}, {3, &StormAsks::watch},
        {6, &StormAsks::ping}, {8, &StormAsks::refusable}, {4, &StormAsks::malformed}};
    const bool cancels = oneIn(2);
    auto left = below(100);
    if (cancels && !pending_.empty())
        return cancel();
    for (const auto& kind : kinds) {
        if (left < kind.weight)
            return (this->*kind.make)();
        left -= kind.weight;
    }
    throw std::logic_error("the weights are not 100 in all");
}

StormAsk StormAsks::change()
{
    const auto& vm = anyVm();
    const auto& device = anyDevice(vm);
    const bool plug = oneIn(2);
    return finish(verbFor(device, plug), changeOf(device, plug), vm);
}

Json::Value StormAsks::changeOf(const StormDevice& device, bool plug)
{
    if (!plug && oneIn(2))
        return deviceId(device.part.id);
    return object({{device.isNic() ? "nic" : "drive", device.dictionary}});
}

/// Disks only; which of them are there already is a matter of luck.
StormAsk StormAsks::changeList()
{
    const auto& vm = anyVm();
    std::vector<Json::Value> disks;
    for (const auto& device : vm.devices)
        if (!device.isNic() && oneIn(4))
            disks.push_back(device.dictionary);
    if (disks.empty())
        disks.push_back(vm.devices.back().dictionary);
    return finish(oneIn(2) ? "hotplugDisk" : "hotunplugDisk", drives(disks), vm);
}

StormAsk StormAsks::finish(const std::string& verb, Json::Value params, const StormVm& vm)
{
    static constexpr unsigned timeouts[] = {100, 300, 1000, 5000, 30000};
    params["vmId"] = vm.vm.id();
    params["timeout"] = timeouts[below(std::size(timeouts))];
    if (oneIn(10))
        params["dryRun"] = true;
    if (!oneIn(2))
        return asking(verb, params);
    params["requestId"] = fmt::format("{}-{}", name_, ++requests_);
    named_.push_back(asking(verb, params));
    if (named_.size() > namedKept)
        named_.pop_front();
    return named_.back();
}

StormAsk StormAsks::repeat()
{
    if (named_.empty())
        return change();
    return named_[below(static_cast<unsigned>(named_.size()))];
}

StormAsk StormAsks::repeatWithOthers()
{
    if (named_.empty())
        return change();
    const auto id = named_[below(static_cast<unsigned>(named_.size()))].requestId();
    return asking("hotunplugNic", with(deviceId("nic-1"), {{"vmId", anyVm().vm.id()}, {"requestId", id}}));
}

StormAsk StormAsks::cancel()
{
    const auto id = pending_.empty() ? heard_ : std::exchange(pending_, {});
    return asking("cancelOperation", object({{"operationId", id}, {"timeout", 2000}}));
}

StormAsk StormAsks::look()
{
    const auto vm = object({{"vmId", anyVm().vm.id()}});
    switch (below(6)) {
    case 0: return asking("listDevices", vm);
    case 1: return asking("capacity", vm);
    case 2: return asking("getVm", vm);
    case 3: return asking("listVms", object({}));
    case 4: return asking("listOperations", with(vm, {{"open", oneIn(2)}, {"limit", 10}}));
    default: return asking("getOperation", object({{"operationId", heard_}}));
    }
}

StormAsk StormAsks::watch()
{
    return asking("watchEvents", object({{"timeout", 1000}, {"vmId", anyVm().vm.id()}}));
}

StormAsk StormAsks::ping()
{
    return asking("ping", object({}));
}

StormAsk StormAsks::refusable()
{
    const auto all = refusableAsks(anyVm());
    return all[below(static_cast<unsigned>(all.size()))];
}

StormAsk StormAsks::malformed()
{
    auto body = bodyOf("hotplugDisk", with(drive("/nowhere"), {{"vmId", nobody}}));
    if (oneIn(2))
        body.resize(below(static_cast<unsigned>(body.size())));
    else
        body[below(static_cast<unsigned>(body.size()))] = static_cast<char>(below(256));
    return {"", Json::Value(), body, true};
}

} // namespace hotplug::test
