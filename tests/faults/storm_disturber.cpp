#include "faults/storm_disturber.h"

#include "integration/background.h"
#include "integration/virsh.h"
#include "support/process.h"

namespace hotplug::test {

/// How often, and what.
struct StormDisturber::Kind {
    unsigned weight;
    const char* name;
    void (StormDisturber::*happen)(Clock::time_point end);
    bool StormDangers::*danger = nullptr;           ///< Only where there is this one.
};

namespace {

// In calls of the clients, of which there are about sixty a second.
constexpr unsigned shortWhile = 10, longWhile = 60;
constexpr auto virshPatience = 120s, bootPatience = 120s;

pid_t qemuOf(const TestHost& host, const TestVm& vm)
{
    return std::stoi(readFile(host.embedRoot() / "run/qemu" / (vm.name() + ".pid")));
}

} // namespace

void StormDisturber::disturbUntil(Clock::time_point end, const StormDangers& dangers)
{
    for (ledger_.awaitCalls(longWhile, end); Clock::now() < end; ledger_.awaitCalls(below(longWhile), end))
        once(end, dangers);
}

const StormDisturber::Kind& StormDisturber::anyKind(const StormDangers& dangers)
{
    static constexpr Kind kinds[] = {
        {30, "hotplugd killed", &StormDisturber::replaceDaemon, &StormDangers::daemonDies},
        {10, "libvirtd killed", &StormDisturber::replaceLibvirtd, &StormDangers::libvirtDies},
        {10, "QEMU stopped", &StormDisturber::stopQemu, &StormDangers::libvirtDies},
        {15, "guest paused", &StormDisturber::pauseGuest}, {12, "guest reset", &StormDisturber::resetGuest},
        {10, "VM restarted", &StormDisturber::restartVm}, {13, "virsh", &StormDisturber::takeDeviceOut}};
    for (;;) {
        auto left = below(100);
        const auto* kind = kinds;
        for (; left >= kind->weight; ++kind)
            left -= kind->weight;
        if (!kind->danger || dangers.*kind->danger)
            return *kind;
    }
}

void StormDisturber::once(Clock::time_point end, const StormDangers& dangers)
{
    const auto& kind = anyKind(dangers);
    ledger_.noteDisturbance(kind.name);
    try {
        (this->*kind.happen)(end);
    } catch (const std::exception& error) {
        eventually(std::string("a VM has ended: ") + error.what(), [this] { return !ended().empty(); });
    }
    reviveEnded();
}

std::vector<StormVm*> StormDisturber::ended()
{
    std::vector<StormVm*> found;
    for (auto& each : ground_.vms)
        if (each.vm.liveXml().empty())
            found.push_back(&each);
    return found;
}

/// Only what is started again may be ended, as letLibvirtHear() says, unless libvirt dies.
void StormDisturber::reviveEnded()
{
    if (ground_.libvirtd.ended()) {
        ledger_.noteDisturbance("libvirtd died");
        ground_.libvirtd.start();
    }
    for (auto* each : ended()) {
        if (each->steady)
            throw std::runtime_error(each->vm.name() + " has ended, and nobody has touched it");
        ledger_.noteDisturbance("VM ended by libvirt");
        ground_.start(*each);
    }
}

StormVm& StormDisturber::anyVm()
{
    return ground_.vms[below(static_cast<unsigned>(ground_.vms.size()))];
}

StormVm& StormDisturber::anyUnsteadyVm()
{
    for (;;)
        if (auto& vm = anyVm(); !vm.steady)
            return vm;
}

void StormDisturber::replaceDaemon(Clock::time_point)
{
    ground_.replaceDaemon();
}

void StormDisturber::replaceLibvirtd(Clock::time_point end)
{
    ground_.libvirtd.kill();
    ledger_.awaitCalls(below(shortWhile), end);
    ground_.libvirtd.start();
}

void StormDisturber::pauseGuest(Clock::time_point end)
{
    auto& qemu = anyVm().vm.monitor();
    qemu.execute("stop");
    ledger_.awaitCalls(below(longWhile), end);
    qemu.execute("cont");
}

/// Shortly: nobody gives up yet.
void StormDisturber::stopQemu(Clock::time_point end)
{
    const Stopped stopped(qemuOf(ground_.host, anyVm().vm));
    ledger_.awaitCalls(below(shortWhile), end);
}

void StormDisturber::resetGuest(Clock::time_point)
{
    anyUnsteadyVm().vm.monitor().execute("system_reset");
}

void StormDisturber::restartVm(Clock::time_point end)
{
    auto& vm = anyUnsteadyVm();
    ground_.destroy(vm);
    letLibvirtHear(vm);
    ledger_.awaitCalls(below(shortWhile), end);
    ground_.start(vm);
}

/// libvirt 9.0 takes late news of one QEMU for news of the next: it ends that one, or forgets devices that it has. News
/// wait for their turn to change the VM, as each of these does.
void StormDisturber::letLibvirtHear(const StormVm& vm)
{
    for (const auto* turn : {"one", "two", "three"})
        runProgram(virsh(ground_.host, {"desc", vm.vm.id(), "--config", turn}), virshPatience);
}

/// Behind hotplugd's back, if it is there.
void StormDisturber::takeDeviceOut(Clock::time_point)
{
    const auto& vm = anyUnsteadyVm();
    const auto& device = vm.devices[below(static_cast<unsigned>(vm.devices.size()))];
    runProgram(virsh(ground_.host, {"detach-device-alias", vm.vm.id(), "ua-" + device.part.id, "--live", "--config"}),
        virshPatience);
}

/// Steady guests have been there all the time. One that boots may miss what is plugged meanwhile (FACTS), and looks
/// again.
void StormDisturber::calm()
{
    reviveEnded();
    std::vector<std::pair<StormVm*, Console::Mark>> booting;
    for (auto& each : ground_.vms)
        if (!each.steady) {
            each.vm.monitor().execute("system_reset");
            booting.emplace_back(&each, each.vm.console().mark());
        }
    for (const auto& [each, mark] : booting)
        each->vm.console().waitFor(mark, "ready", {}, bootPatience);
}

} // namespace hotplug::test
