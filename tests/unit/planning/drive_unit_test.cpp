#include "planning/planning.h"
#include "vm.h"

using namespace hotplug;
using namespace hotplug::test;

namespace {

/// A VM that is down, with a SATA and an IDE controller.
Definition withDrives()
{
    auto document = q35(1);
    addController(document, "sata", "", 0);
    addController(document, "ide", "", 0);
    return document;
}

Domain down(const Definition& config)
{
    Domain domain;
    domain.config = config;
    return domain;
}

DriveAddress chosen(const Definition& config, Bus bus)
{
    return chooseDriveUnit(down(config), bus, std::nullopt);
}

Refusal refused(const Definition& config, Bus bus, const std::optional<Address>& wanted)
{
    return refusalOf([&] { chooseDriveUnit(down(config), bus, wanted); });
}

void add(Definition& document, Bus bus, const DriveAddress& address)
{
    const auto target = targetName(bus == Bus::Ide ? "hd" : "sd", static_cast<unsigned>(document.disks.size()));
    addDisk(document, target, std::string(name(bus)), "").address = address;
}

} // namespace

TEST_CASE("P4: SATA has six units per controller, then the next controller, then no more")
{
    auto document = withDrives();
    for (unsigned unit = 0; unit < 6; ++unit) {
        CHECK(chosen(document, Bus::Sata) == DriveAddress{0, 0, 0, unit});
        add(document, Bus::Sata, {0, 0, 0, unit});
    }
    const auto full = refused(document, Bus::Sata, std::nullopt);
    CHECK(full.reason() == Reason::NoFreeDriveUnit);
    CHECK_THAT(full.what(), Catch::Contains("all units of the VM's sata controllers are taken"));
    CHECK(full.capacity().at("sataUnits") == 0);
    addController(document, "sata", "", 1);
    CHECK(chosen(document, Bus::Sata) == DriveAddress{1, 0, 0, 0});
}

TEST_CASE("P4: IDE has two buses of two units, and no more")
{
    auto document = withDrives();
    for (unsigned place = 0; place < 4; ++place) {
        const DriveAddress expected{0, place / 2, 0, place % 2};
        CHECK(chosen(document, Bus::Ide) == expected);
        add(document, Bus::Ide, expected);
    }
    CHECK(refused(document, Bus::Ide, std::nullopt).reason() == Reason::NoFreeDriveUnit);
}

TEST_CASE("P4: the lowest hole is taken, and a disk on another bus makes none smaller")
{
    auto document = withDrives();
    add(document, Bus::Sata, {0, 0, 0, 0});
    add(document, Bus::Sata, {0, 0, 0, 2});
    CHECK(chosen(document, Bus::Sata) == DriveAddress{0, 0, 0, 1});
    CHECK(chosen(document, Bus::Ide) == DriveAddress{0, 0, 0, 0});
    CHECK(chooseScsiAddress(persistent(document), std::nullopt, true) == DriveAddress{0, 0, 0, 0});
}

TEST_CASE("P4: a VM without such a controller has no such place")
{
    const auto bus = GENERATE(Bus::Sata, Bus::Ide);
    const auto refusal = refused(q35(1), bus, std::nullopt);
    CHECK(refusal.reason() == Reason::NoFreeDriveUnit);
    CHECK_THAT(refusal.what(), Catch::Contains("no " + std::string(name(bus)) + " controller"));
}

TEST_CASE("P4: while the VM runs its definition counts, and a place that is taken live is not free")
{
    auto live = q35(1), config = withDrives();
    add(live, Bus::Sata, {0, 0, 0, 0});
    CHECK(chooseDriveUnit(running(live, config), Bus::Sata, std::nullopt) == DriveAddress{0, 0, 0, 1});
}

TEST_CASE("A5: a place on SATA or IDE that is given is used when it is free and exists")
{
    auto document = withDrives();
    add(document, Bus::Sata, {0, 0, 0, 5});
    const DriveAddress free{0, 0, 0, 4};
    CHECK(chooseDriveUnit(down(document), Bus::Sata, free) == free);
    const auto taken = refused(document, Bus::Sata, DriveAddress{0, 0, 0, 5});
    CHECK(taken.reason() == Reason::AddressInUse);
    CHECK(taken.conflictsWith() == "sda");
    CHECK(refused(document, Bus::Sata, PciAddress{.bus = 1}).reason() == Reason::InvalidParameter);
    struct Case {
        Bus bus;
        DriveAddress address;
        const char* why;
    };
    const auto [bus, address, why] = GENERATE(
        Case{Bus::Sata, {0, 0, 0, 6}, "sata controllers have bus 0, target 0 and units 0 to 5"},
        Case{Bus::Sata, {0, 1, 0, 0}, "bus 0"}, Case{Bus::Sata, {1, 0, 0, 0}, "no such sata controller"},
        Case{Bus::Ide, {0, 2, 0, 0}, "ide controllers have buses 0 to 1, target 0 and units 0 to 1"},
        Case{Bus::Ide, {0, 0, 1, 0}, "target 0"});
    CAPTURE(address.str());
    const auto refusal = refused(document, bus, address);
    CHECK(refusal.reason() == Reason::AddressNotUsable);
    CHECK(refusal.field() == "/address");
    CHECK_THAT(refusal.what(), Catch::Contains(why));
}
