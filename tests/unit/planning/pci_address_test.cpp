#include "pci_choice.h"

using namespace hotplug;
using namespace hotplug::test;

TEST_CASE("P1: on q35 the first free root port is chosen, slot 0, function 0")
{
    auto document = q35(4);
    CHECK(chosen(persistent(document)) == PciAddress{.bus = 1});
    fillPorts(document, 1, 2);
    CHECK(chosen(persistent(document)) == PciAddress{.bus = 3});
    CHECK(chosen(transient(document), false) == PciAddress{.bus = 3});
}

TEST_CASE("P1: a port is free only when it is in the live and in the persistent document")
{
    auto live = q35(4), config = q35(4);
    fillPorts(live, 1, 1);
    fillPorts(config, 2, 2);
    CHECK(chosen(running(live, config)) == PciAddress{.bus = 3});
    CHECK(chosen(running(live, config), false) == PciAddress{.bus = 3});
    CHECK(chosen(running(config, live)) == PciAddress{.bus = 3});
}

TEST_CASE("P1: whatever sits in any slot of a port has the whole port")
{
    auto document = q35(3);
    occupy(document, PciAddress{.bus = 1, .slot = 0, .function = 3}, "odd");
    occupy(document, PciAddress{.bus = 2, .slot = 7}, "odder");
    CHECK(chosen(persistent(document)) == PciAddress{.bus = 3});
}

TEST_CASE("P1: a device in another PCI domain takes no port here")
{
    auto document = q35(1);
    occupy(document, PciAddress{.domain = 1, .bus = 1}, "elsewhere");
    CHECK(chosen(persistent(document)) == PciAddress{.bus = 1});
}

TEST_CASE("P1: a port with hotplug='off' does not count")
{
    auto document = q35(2);
    document.controllers.at(2).hotplug = false;
    REQUIRE(document.controllers.at(2).index == 1);
    CHECK(chosen(persistent(document)) == PciAddress{.bus = 2});
    fillPorts(document, 2, 2);
    CHECK(refusedPci(persistent(document), std::nullopt, true).reason() == Reason::NoFreePciPort);
    const auto refusal = refusedPci(persistent(document), PciAddress{.bus = 1}, true);
    CHECK(refusal.reason() == Reason::AddressNotUsable);
    CHECK_THAT(refusal.what(), Catch::Contains("hotplug='off'"));
}

TEST_CASE("P1: a port that only the live VM has serves what is not persisted")
{
    const auto domain = running(q35(2), q35(1));
    auto fullLive = q35(2), fullConfig = q35(1);
    fillPorts(fullLive, 1, 1);
    fillPorts(fullConfig, 1, 1);
    const auto full = running(fullLive, fullConfig);
    CHECK(chosen(domain) == PciAddress{.bus = 1});
    CHECK(refusedPci(full, std::nullopt, true).reason() == Reason::NoFreePciPort);
    CHECK(chosen(full, false) == PciAddress{.bus = 2});
    CHECK(refusedPci(full, PciAddress{.bus = 2}, true).reason() == Reason::AddressNotUsable);
    CHECK(choosePciAddress(full, PciAddress{.bus = 2}, false) == PciAddress{.bus = 2});
}

TEST_CASE("P1: a bus that is another one in the definition serves only what is not persisted")
{
    auto config = q35(1);
    config.controllers.back().model = "pcie-to-pci-bridge";
    CHECK(refusedPci(running(q35(1), config), std::nullopt, true).reason() == Reason::NoFreePciPort);
    CHECK(chosen(running(q35(1), config), false) == PciAddress{.bus = 1});
}

TEST_CASE("P1: ports of a switch take hot plug too, its upstream port and pcie.0 do not")
{
    auto document = q35(0);
    addController(document, "pci", "pcie-switch-upstream-port", 1);
    addController(document, "pci", "pcie-switch-downstream-port", 2);
    CHECK(chosen(persistent(document)) == PciAddress{.bus = 2});
}

TEST_CASE("P1: without a free port the refusal has the count and the fix")
{
    auto document = q35(3);
    fillPorts(document, 1, 3);
    const auto refusal = refusedPci(persistent(document), std::nullopt, true);
    CHECK(refusal.reason() == Reason::NoFreePciPort);
    CHECK_THAT(refusal.what(), Catch::Contains("none of the VM's 3 pcie-root-ports is free"));
    CHECK_THAT(refusal.what(), Catch::Contains("restart it"));
    CHECK(refusedPci(persistent(q35(0)), std::nullopt, true).reason() == Reason::NoFreePciPort);
}

TEST_CASE("A5: an address that is given and free is used")
{
    auto document = q35(4);
    fillPorts(document, 1, 1);
    CHECK(choosePciAddress(persistent(document), PciAddress{.bus = 4}, true) == PciAddress{.bus = 4});
}

TEST_CASE("A5: an address that is taken is refused, and who holds it is told")
{
    auto live = q35(3), config = q35(3);
    fillPorts(live, 1, 1);
    fillPorts(config, 2, 2);
    for (const unsigned port : {1u, 2u})
        for (const bool persist : {true, false}) {
            CAPTURE(port, persist);
            const auto refusal = refusedPci(running(live, config), PciAddress{.bus = port}, persist);
            CHECK(refusal.reason() == Reason::AddressInUse);
            CHECK(refusal.field() == "/address");
            CHECK(refusal.conflictsWith() == "ua-" + std::to_string(port));
        }
}

TEST_CASE("A5: an address where nothing can be plugged is refused, even when it is free")
{
    struct Case {
        PciAddress address;
        const char* why;
    };
    const auto [address, why] = GENERATE(Case{{.bus = 0, .slot = 0x0c}, "pcie-root takes no hot plug"},
        Case{{.bus = 9}, "no such bus"}, Case{{.domain = 1, .bus = 1}, "no such bus"},
        Case{{.bus = 1, .slot = 1}, "slot 0, function 0 only"}, Case{{.bus = 1, .function = 1}, "slot 0, function 0 only"});
    CAPTURE(address.str());
    const auto refusal = refusedPci(persistent(q35(2)), address, true);
    CHECK(refusal.reason() == Reason::AddressNotUsable);
    CHECK(refusal.field() == "/address");
    CHECK(refusal.conflictsWith().empty());
    CHECK_THAT(refusal.what(), Catch::Contains(why));
    CHECK_THAT(refusal.what(), Catch::Contains(address.str()));
}

TEST_CASE("A5: a drive address is none for PCI, nor a PCI address for SCSI")
{
    const auto domain = persistent(q35(2));
    const auto pci = refusedPci(domain, DriveAddress{}, true);
    CHECK(pci.reason() == Reason::InvalidParameter);
    CHECK(pci.field() == "/address");
    const auto scsi = refusalOf([&] { chooseScsiAddress(domain, PciAddress{.bus = 1}, true); });
    CHECK(scsi.reason() == Reason::InvalidParameter);
    CHECK(scsi.field() == "/address");
}
