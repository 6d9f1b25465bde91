#include "faults/storm_ground.h"

#include "integration/latencies.h"
#include "integration/requests.h"
#include "support/images.h"
#include "support/leak_check.h"

#include "hotplugctl/format/json_text.h"

#include <fmt/format.h>

namespace hotplug::test {

namespace {

constexpr unsigned allVms = 8;
constexpr auto bootPatience = 120s, startPatience = 120s;

StormDevice diskDevice(const std::string& id, const std::string& image, const std::string& bus, const std::string& format)
{
    if (!std::filesystem::exists(image))
        format == "raw" ? makeRaw(image) : makeQcow2(image);
    return {{Part::Kind::Disk, id, image, {{"serial", id}}},
        diskOf(image, {{"deviceId", id}, {"serial", id}, {"iface", bus}, {"format", format}})};
}

StormDevice nicDevice(const std::string& id, const std::string& bridge, const std::string& mac)
{
    return {{Part::Kind::Nic, id, bridge, {{"mac", mac}}},
        object({{"network", bridge}, {"deviceId", id}, {"macAddr", mac}})};
}

/// More than the VM has PCI ports for.
std::vector<StormDevice> devicesOf(const TestHost& host, const TestVm& vm, const Bridge& bridge, bool steady)
{
    std::vector<StormDevice> devices;
    const auto mac = "52:54:00:" + vm.id().substr(0, 2) + ":" + vm.id().substr(2, 2) + ":0";
    for (const auto* number : {"1", "2", "3", "4", "5"})
        devices.push_back(nicDevice(std::string("nic-") + number, bridge.name(), mac + number));
    for (const auto* bus : {"virtio", "scsi"}) {
        for (const auto* id : {"raw-1", "raw-2", "cow-1", "cow-2"}) {
            const auto name = fmt::format("{}-{}", bus, id);
            devices.push_back(diskDevice(name, host.imageRoot() / (vm.name() + name), bus, std::string(id).substr(0, 3)));
        }
        if (const auto wanted = fmt::format("{}-wanted", bus); steady)
            devices.push_back(diskDevice(wanted, host.imageRoot() / wanted, bus, "raw"));
    }
    return devices;
}

} // namespace

StormVm::StormVm(Hotplugd& daemon, bool steadyVm)
    : vm(daemon), steady(steadyVm), devices(devicesOf(daemon.host(), vm, bridge, steadyVm))
{
}

StormGround::StormGround(unsigned steadyVms)
{
    for (unsigned i = 0; i < allVms; ++i)
        vms.emplace_back(daemon, i < steadyVms);
    for (auto& each : vms)
        each.vm.start();
    for (auto& each : vms)
        each.vm.console().waitFor(0, "ready", {}, bootPatience);
}

/// A failure may have left no hotplugd to end the VMs.
StormGround::~StormGround()
{
    try {
        if (!daemon.running())
            daemon.start();
    } catch (const std::exception& error) {
        failFromDestructor(error.what());
    }
}

void StormGround::replaceDaemon()
{
    ++life_;
    daemon.kill();
    ++life_;
    daemon.start();
}

/// Without the checks of Hotplugd::call(): others change the host meanwhile.
Json::Value StormGround::ask(const std::string& verb, const StormVm& each) const
{
    return askOnce(daemon, verb, object({{"vmId", each.vm.id()}, {"timeout", 50000}}));
}

void StormGround::mustReach(const char* verb, StormVm& each, bool running) const
{
    Json::Value answer;
    const auto reached = [&] {
        return each.vm.liveXml().empty() != running || (answer = ask(verb, each)).isMember("result");
    };
    try {
        eventually(verb, reached, startPatience);
    } catch (const std::exception& error) {
        throw std::runtime_error(std::string(error.what()) + ": " + ctl::compactJson(answer));
    }
}

void StormGround::destroy(StormVm& each) const
{
    mustReach("destroyVm", each, false);
}

void StormGround::start(StormVm& each) const
{
    each.vm.hasCome();
    mustReach("startVm", each, true);
}

} // namespace hotplug::test
