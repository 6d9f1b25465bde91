#include "planning/planning.h"
#include "vm.h"

#include <algorithm>
#include <rapidcheck.h>
#include <set>
#include <vector>

using namespace hotplug;
using namespace hotplug::test;

namespace {

bool oneIn(int n)
{
    return *rc::gen::inRange(0, n) == 0;
}

/// Ports and bridges of a q35 VM, some switched off, some in one document only, each slot taken or not in either.
struct PciWorld {
    Domain domain;
    bool persist = false;
    std::set<PciAddress> freePorts, freeSlots;  ///< Computed apart from the code under test.

    /// In the order in which devices of that kind take them.
    std::vector<PciAddress> freeFor(PciKind kind) const
    {
        std::vector<PciAddress> free;
        if (kind == PciKind::Conventional)
            free.assign(freeSlots.begin(), freeSlots.end());
        free.insert(free.end(), freePorts.begin(), freePorts.end());
        return free;
    }
};

void drawPort(Definition& live, Definition& config, PciWorld& world, unsigned bus)
{
    const bool off = oneIn(4), inConfig = !oneIn(4), taken = oneIn(2), takenInConfig = oneIn(4);
    addController(live, "pci", "pcie-root-port", bus).hotplug = !off;
    if (inConfig)
        addController(config, "pci", "pcie-root-port", bus).hotplug = !off;
    const PciAddress address{.bus = bus};
    if (taken)
        occupy(live, address, "live");
    if (takenInConfig)
        occupy(config, address, "config");
    if (!off && !taken && !takenInConfig && (inConfig || !world.persist))
        world.freePorts.insert(address);
}

void drawBridge(Definition& live, Definition& config, PciWorld& world, unsigned bus)
{
    const auto model = *rc::gen::element<std::string>("pci-bridge", "pcie-to-pci-bridge", "dmi-to-pci-bridge");
    addController(live, "pci", model, bus);
    addController(config, "pci", model, bus);
    const int density = *rc::gen::element(1, 2, 8);
    for (unsigned slot = 1; slot <= 31; ++slot) {
        const PciAddress address{.bus = bus, .slot = slot};
        if (oneIn(density))
            occupy(oneIn(2) ? live : config, {PciAddress{0, bus, slot, *rc::gen::inRange(0u, 8u)}}, "somebody");
        else if (model != "dmi-to-pci-bridge")
            world.freeSlots.insert(address);
    }
}

PciWorld drawPciWorld()
{
    PciWorld world;
    world.persist = *rc::gen::arbitrary<bool>();
    auto live = q35(0), config = q35(0);
    const auto buses = *rc::gen::inRange(0u, 12u);
    for (unsigned bus = 1; bus <= buses; ++bus)
        oneIn(5) ? drawBridge(live, config, world, bus) : drawPort(live, config, world, bus);
    world.domain = running(live, config);
    return world;
}

PciKind drawKind()
{
    return *rc::gen::element(PciKind::Express, PciKind::Conventional);
}

std::optional<Reason> reasonOf(const auto& action)
{
    try {
        action();
        return std::nullopt;
    } catch (const Refusal& refusal) {
        return refusal.reason();
    }
}

} // namespace

TEST_CASE("P1: the PCI address that is chosen is free in both documents and legal, or there is none")
{
    const bool held = rc::check([] {
        const auto world = drawPciWorld();
        const auto kind = drawKind();
        const auto free = world.freeFor(kind);
        const auto choose = [&] { return choosePciAddress(world.domain, std::nullopt, world.persist, kind); };
        if (free.empty())
            RC_ASSERT(reasonOf(choose) == Reason::NoFreePciPort);
        else
            RC_ASSERT(choose() == free.front());
    });
    CHECK(held);
}

TEST_CASE("A5: a PCI address that is given is used exactly when it is free and takes hot plug")
{
    const bool held = rc::check([] {
        const auto world = drawPciWorld();
        const PciAddress wanted{oneIn(10), *rc::gen::inRange(0u, 13u), *rc::gen::element(0u, 0u, 1u, 2u, 31u, 32u), oneIn(10)};
        const auto reason = reasonOf([&] {
            RC_ASSERT(choosePciAddress(world.domain, wanted, world.persist, drawKind()) == wanted);
        });
        RC_ASSERT(reason.has_value() != (world.freePorts.contains(wanted) || world.freeSlots.contains(wanted)));
        RC_ASSERT(!reason || reason == Reason::AddressInUse || reason == Reason::AddressNotUsable);
    });
    CHECK(held);
}

TEST_CASE("P1: as many devices as there are free addresses can be placed, each at another one")
{
    const bool held = rc::check([] {
        auto world = drawPciWorld();
        const auto kind = drawKind();
        const auto choose = [&] { return choosePciAddress(world.domain, std::nullopt, world.persist, kind); };
        for (const auto& expected : world.freeFor(kind)) {
            RC_ASSERT(choose() == expected);
            occupy(*world.domain.live, expected, "placed");
        }
        RC_ASSERT(reasonOf(choose) == Reason::NoFreePciPort);
    });
    CHECK(held);
}

TEST_CASE("P3: the SCSI unit that is chosen is the lowest that is free in both documents")
{
    const bool held = rc::check([] {
        auto live = q35(0), config = q35(0);
        std::set<DriveAddress> taken;
        const auto dense = *rc::gen::inRange(0u, 600u);
        for (unsigned i = 0; i < dense; ++i)
            if (!oneIn(300)) {
                const DriveAddress address{0, 0, i / 256, i % 256};
                taken.insert(address);
                occupy(oneIn(2) ? live : config, address, "somebody");
            }
        DriveAddress expected;
        while (taken.contains(expected))
            expected.unit < 255 ? ++expected.unit : (++expected.target, expected.unit = 0);
        RC_ASSERT(chooseScsiAddress(running(live, config), std::nullopt, true) == expected);
    });
    CHECK(held);
}

TEST_CASE("A3: the target that is chosen is free in both documents, and the preferred one if that is")
{
    const bool held = rc::check([] {
        auto live = q35(0), config = q35(0);
        std::set<std::string> taken;
        const auto count = *rc::gen::inRange(0u, 60u);
        for (unsigned i = 0; i < count; ++i) {
            const auto target = targetName("vd", *rc::gen::inRange(0u, 60u));
            if (taken.insert(target).second)
                addDisk(oneIn(2) ? live : config, target, "virtio", "");
        }
        const auto index = *rc::gen::maybe(rc::gen::inRange(0u, 60u));
        const auto wanted = index ? std::optional(*index) : std::nullopt;
        const auto target = chooseTarget(running(live, config), Bus::Virtio, wanted);
        RC_ASSERT(!taken.contains(target));
        RC_ASSERT(!wanted || taken.contains(targetName("vd", *wanted)) || target == targetName("vd", *wanted));
    });
    CHECK(held);
}
