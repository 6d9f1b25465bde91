#include "pci_choice.h"

using namespace hotplug;
using namespace hotplug::test;

TEST_CASE("P1: on q35 a conventional NIC goes to a bridge for conventional cards when there is room, else to a root port")
{
    const auto model = GENERATE("pcie-to-pci-bridge", "pci-bridge");
    auto document = q35(2);
    addController(document, "pci", model, 3);
    const auto conventional = [&] {
        return choosePciAddress(persistent(document), std::nullopt, true, PciKind::Conventional);
    };
    CHECK(conventional() == PciAddress{.bus = 3, .slot = 1});
    occupy(document, PciAddress{.bus = 3, .slot = 1}, "pci.4");
    CHECK(conventional() == PciAddress{.bus = 3, .slot = 2});
    for (unsigned slot = 2; slot <= 31; ++slot)
        occupy(document, PciAddress{.bus = 3, .slot = slot}, "filler");
    CHECK(conventional() == PciAddress{.bus = 1});
    fillPorts(document, 1, 2);
    CHECK(refusalOf(conventional).reason() == Reason::NoFreePciPort);
}

TEST_CASE("P1: on q35 nothing else goes to a conventional bridge unless its address is given")
{
    auto document = q35(1);
    addController(document, "pci", "pcie-to-pci-bridge", 2);
    CHECK(chosen(persistent(document)) == PciAddress{.bus = 1});
    fillPorts(document, 1, 1);
    CHECK(refusedPci(persistent(document), std::nullopt, true).reason() == Reason::NoFreePciPort);
    const PciAddress given{.bus = 2, .slot = 31};
    CHECK(choosePciAddress(persistent(document), given, true) == given);
}

TEST_CASE("P1: a dmi-to-pci-bridge takes no hot plug, the pci-bridge behind it does")
{
    auto document = q35(1);
    addController(document, "pci", "dmi-to-pci-bridge", 2);
    addController(document, "pci", "pci-bridge", 3);
    occupy(document, PciAddress{.bus = 2, .slot = 1}, "pci.3");
    const auto domain = persistent(document);
    CHECK(choosePciAddress(domain, std::nullopt, true, PciKind::Conventional) == PciAddress{.bus = 3, .slot = 1});
    const auto refusal = refusedPci(domain, PciAddress{.bus = 2, .slot = 5}, true);
    CHECK(refusal.reason() == Reason::AddressNotUsable);
    CHECK_THAT(refusal.what(), Catch::Contains("dmi-to-pci-bridge takes no hot plug"));
}

TEST_CASE("P2: on pc every device goes to a slot, whatever its kind")
{
    const auto kind = GENERATE(PciKind::Express, PciKind::Conventional);
    CHECK(choosePciAddress(persistent(pc()), std::nullopt, true, kind) == PciAddress{.slot = 4});
}

TEST_CASE("P2: on pc the first free slot is chosen, the chipset's and the video card's left alone")
{
    auto document = pc();
    CHECK(chosen(persistent(document)) == PciAddress{.slot = 4});
    addDisk(document, "vda", "virtio", "ua-a", PciAddress{.slot = 4});
    occupy(document, PciAddress{.slot = 5, .function = 2}, "usb");
    CHECK(chosen(persistent(document)) == PciAddress{.slot = 6});
}

TEST_CASE("P2: a slot is free only when it is in both documents")
{
    auto live = pc(), config = pc();
    occupy(live, PciAddress{.slot = 4}, "a");
    occupy(config, PciAddress{.slot = 5}, "b");
    CHECK(chosen(running(live, config)) == PciAddress{.slot = 6});
    CHECK(chosen(running(live, config), false) == PciAddress{.slot = 6});
}

TEST_CASE("P2: when pci.0 is full a further bridge serves from slot 1, and then there is no more")
{
    auto document = pc();
    for (unsigned slot = 4; slot <= 31; ++slot)
        occupy(document, PciAddress{.slot = slot}, "filler");
    const auto full = refusedPci(persistent(document), std::nullopt, true);
    CHECK(full.reason() == Reason::NoFreePciPort);
    CHECK_THAT(full.what(), Catch::Contains("pci-bridge"));
    addController(document, "pci", "pci-bridge", 1);
    CHECK(chosen(persistent(document)) == PciAddress{.bus = 1, .slot = 1});
    for (unsigned slot = 1; slot <= 31; ++slot)
        occupy(document, PciAddress{.bus = 1, .slot = slot}, "filler");
    CHECK(refusedPci(persistent(document), std::nullopt, true).reason() == Reason::NoFreePciPort);
}

TEST_CASE("P2: a given slot on a conventional bus is used when a device can sit there")
{
    auto document = pc();
    addController(document, "pci", "pci-bridge", 1);
    const auto domain = persistent(document);
    for (const auto& good : {PciAddress{.slot = 2}, PciAddress{.slot = 31}, PciAddress{.bus = 1, .slot = 1}})
        CHECK(choosePciAddress(domain, good, true) == good);
    for (const auto& bad : {PciAddress{.slot = 0}, PciAddress{.slot = 1}, PciAddress{.slot = 32}, PciAddress{.bus = 1},
             PciAddress{.slot = 4, .function = 1}}) {
        CAPTURE(bad);
        CHECK(refusedPci(domain, bad, true).reason() == Reason::AddressNotUsable);
    }
    CHECK(refusedPci(domain, PciAddress{.slot = 3}, true).conflictsWith() == "scsi0");
}
