#include "faults/storm_client.h"
#include "faults/storm_disturber.h"
#include "faults/storm_verdict.h"

#include "support/catch.h"

#include <cstdio>
#include <cstdlib>
#include <random>

// Everybody asks for everything at once while hotplugd dies and guests come and go; then all that knows of devices must
// agree. HOTPLUGD_STORM_SEED repeats what is asked and done, not how the threads take turns.

using namespace hotplug::test;
using hotplug::Clock;

namespace {

unsigned seedOfRun()
{
    const auto* given = std::getenv("HOTPLUGD_STORM_SEED");
    return given ? static_cast<unsigned>(std::stoul(given)) : std::random_device{}() % 1'000'000;
}

class Storm {
public:
    explicit Storm(unsigned steadyVms) : ground_(steadyVms)
    {
        std::printf("Storm with HOTPLUGD_STORM_SEED=%u\n", seed_);
        std::fflush(stdout);                        // whatever happens to us
    }

    void blow(std::chrono::seconds howLong, const StormDangers& dangers)
    {
        {
            const StormCrowd crowd(ground_, ledger_, seed_ + squalls_++);
            disturber_.disturbUntil(Clock::now() + howLong, dangers);
        }
        disturber_.calm();
        awaitEndOfAll(ground_);
    }

    Footprint footprint() const { return Footprint(ground_.daemon.pid()); }

    void requireNoGrowthSince(const Footprint& before) const
    {
        auto now = before;
        CHECK_NOTHROW(eventually("hotplugd holds no more than before",
            [&] { return (now = footprint()).isNoMoreThan(before); }));
        std::printf("%-13s %s\n%-13s %s\n\n", "warm", before.text().c_str(), "at the end", now.text().c_str());
    }

    void requireAgreement()
    {
        for (const auto& problem : ledger_.problems())
            FAIL_CHECK(problem);
        for (const auto& problem : disagreementsOf(ground_, ledger_))
            FAIL_CHECK(problem);
    }

    void print()
    {
        std::printf("%s%-13s %u devices\n", ledger_.table().c_str(), "forgotten", forgottenByLibvirt(ground_));
    }

private:
    const unsigned seed_ = seedOfRun();
    StormGround ground_;
    StormLedger ledger_;
    StormDisturber disturber_{ground_, ledger_, seed_};
    unsigned squalls_ = 0;
};

/// The hotplugd that has seen half of what it lives to see must not grow in the other half.
void survive(std::chrono::seconds howLong, unsigned steadyVms, bool libvirtDies)
{
    Storm storm(steadyVms);
    storm.blow(howLong / 2, {.daemonDies = true, .libvirtDies = libvirtDies});
    storm.blow(howLong / 4, {});
    const auto warm = storm.footprint();
    storm.blow(howLong / 4, {});
    storm.print();
    storm.requireNoGrowthSince(warm);
    storm.requireAgreement();
}

} // namespace

TEST_CASE("K4 K5 K6 R3 R7: after a storm of 64 clients on 8 VMs all agree to the last device", "[integration][storm]")
{
    survive(60s, 4, false);
}

TEST_CASE("K4 K5 K6 R3 R7: after a storm of ten minutes all agree to the last device", "[.long][storm]")
{
    survive(600s, 4, false);
}

TEST_CASE("K4 K5 K7: after a storm in which libvirtd dies, too, all agree to the last device", "[.long][storm]")
{
    survive(180s, 0, true);
}
