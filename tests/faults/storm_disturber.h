#pragma once

#include "faults/storm_ledger.h"

namespace hotplug::test {

/// What may happen beside what happens to guests at any time.
struct StormDangers {
    bool daemonDies = false;
    /// libvirtd is killed, and QEMUs are stopped for a moment, under which libvirt 9.0 may die by itself. One that comes
    /// back may end VMs.
    bool libvirtDies = false;
};

/// Does to hotplugd, its VMs and their QEMUs what happens to them at worst, one thing after the other, of a seed.
class StormDisturber {
public:
    StormDisturber(StormGround& ground, StormLedger& ledger, unsigned seed)
        : ground_(ground), ledger_(ledger), random_(seed) {}

    void disturbUntil(Clock::time_point end, const StormDangers& dangers);
    /// Every VM runs, and every guest has looked at what it has.
    void calm();

private:
    struct Kind;

    const Kind& anyKind(const StormDangers& dangers);
    void once(Clock::time_point end, const StormDangers& dangers);
    std::vector<StormVm*> ended();
    void reviveEnded();
    void replaceDaemon(Clock::time_point end);
    void pauseGuest(Clock::time_point end);
    void replaceLibvirtd(Clock::time_point end);
    void stopQemu(Clock::time_point end);
    void resetGuest(Clock::time_point end);
    void restartVm(Clock::time_point end);
    void letLibvirtHear(const StormVm& vm);
    void takeDeviceOut(Clock::time_point end);

    unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }
    StormVm& anyVm();
    StormVm& anyUnsteadyVm();

    StormGround& ground_;
    StormLedger& ledger_;
    std::mt19937 random_;
};

} // namespace hotplug::test
