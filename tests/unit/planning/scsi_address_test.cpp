#include "planning/planning.h"
#include "vm.h"

using namespace hotplug;
using namespace hotplug::test;

namespace {

DriveAddress chosen(const Domain& domain, bool persist = true)
{
    return chooseScsiAddress(domain, std::nullopt, persist);
}

Refusal refused(const Domain& domain, const std::optional<Address>& wanted, bool persist = true)
{
    return refusalOf([&] { chooseScsiAddress(domain, wanted, persist); });
}

void fillUnits(Definition& document, unsigned controller, unsigned target, unsigned last)
{
    for (unsigned unit = 0; unit <= last; ++unit)
        occupy(document, DriveAddress{controller, 0, target, unit}, "filler");
}

} // namespace

TEST_CASE("P3: the lowest hole of the first SCSI controller is chosen")
{
    auto document = q35(1);
    CHECK(chosen(persistent(document)) == DriveAddress{0, 0, 0, 0});
    occupy(document, DriveAddress{0, 0, 0, 0}, "a");
    occupy(document, DriveAddress{0, 0, 0, 2}, "c");
    CHECK(chosen(persistent(document)) == DriveAddress{0, 0, 0, 1});
    occupy(document, DriveAddress{0, 0, 0, 1}, "b");
    CHECK(chosen(persistent(document)) == DriveAddress{0, 0, 0, 3});
}

TEST_CASE("P3: a unit is free only when it is in both documents")
{
    auto live = q35(1), config = q35(1);
    occupy(live, DriveAddress{0, 0, 0, 0}, "a");
    occupy(config, DriveAddress{0, 0, 0, 1}, "b");
    CHECK(chosen(running(live, config)) == DriveAddress{0, 0, 0, 2});
    CHECK(chosen(running(live, config), false) == DriveAddress{0, 0, 0, 2});
}

TEST_CASE("P3: after unit 255 comes the next target, after target 255 the next controller")
{
    auto document = q35(1);
    fillUnits(document, 0, 0, 255);
    CHECK(chosen(persistent(document)) == DriveAddress{0, 0, 1, 0});
    for (unsigned target = 1; target <= 255; ++target)
        fillUnits(document, 0, target, 255);
    CHECK(refused(persistent(document), std::nullopt).reason() == Reason::NoFreeScsiUnit);
    addController(document, "scsi", "virtio-scsi", 1);
    CHECK(chosen(persistent(document)) == DriveAddress{1, 0, 0, 0});
}

TEST_CASE("P3: disks on SATA with the same drive address take no SCSI unit")
{
    auto document = q35(1);
    auto& cdrom = addDisk(document, "sdb", "sata", "sata0-0-0");
    cdrom.address = DriveAddress{0, 0, 0, 0};
    CHECK(chosen(persistent(document)) == DriveAddress{0, 0, 0, 0});
}

TEST_CASE("P3: without a virtio-scsi controller a scsi disk is refused, and the bus is at fault")
{
    auto document = q35(1);
    std::erase_if(document.controllers, [](const auto& one) { return one.type == "scsi"; });
    const auto none = refused(persistent(document), std::nullopt);
    CHECK(none.reason() == Reason::NoScsiController);
    CHECK(none.field() == "/iface");
    addController(document, "scsi", "lsilogic", 0);
    CHECK(refused(persistent(document), std::nullopt).reason() == Reason::NoScsiController);
    CHECK(refused(persistent(document), DriveAddress{}).reason() == Reason::AddressNotUsable);
}

TEST_CASE("P3: a controller that only the live VM has is not silently added to the definition")
{
    auto config = q35(1);
    std::erase_if(config.controllers, [](const auto& one) { return one.type == "scsi"; });
    const auto domain = running(q35(1), config);
    CHECK(refused(domain, std::nullopt).reason() == Reason::NoScsiController);
    CHECK(refused(domain, DriveAddress{}).reason() == Reason::AddressNotUsable);
    CHECK(chosen(domain, false) == DriveAddress{});
    CHECK(chooseScsiAddress(domain, DriveAddress{0, 0, 0, 9}, false) == DriveAddress{0, 0, 0, 9});
}

TEST_CASE("A5: a drive address that is given and free is used")
{
    const auto domain = persistent(q35(1));
    for (const auto& address : {DriveAddress{0, 0, 0, 0}, DriveAddress{0, 0, 255, 255}, DriveAddress{0, 0, 7, 3}})
        CHECK(chooseScsiAddress(domain, address, true) == address);
}

TEST_CASE("A5: a drive address that is taken is refused, and who holds it is told")
{
    auto live = q35(1), config = q35(1);
    addDisk(live, "sda", "scsi", "ua-a", DriveAddress{0, 0, 0, 0});
    addDisk(config, "sdb", "scsi", "", DriveAddress{0, 0, 0, 1});
    const auto domain = running(live, config);
    const auto inLive = refused(domain, DriveAddress{0, 0, 0, 0});
    CHECK(inLive.reason() == Reason::AddressInUse);
    CHECK(inLive.field() == "/address");
    CHECK(inLive.conflictsWith() == "ua-a");
    CHECK(refused(domain, DriveAddress{0, 0, 0, 1}).conflictsWith() == "sdb");
}

TEST_CASE("A5: a drive address that no virtio-scsi disk can have is refused")
{
    const auto address = GENERATE(DriveAddress{1, 0, 0, 0}, DriveAddress{0, 1, 0, 0}, DriveAddress{0, 0, 256, 0},
        DriveAddress{0, 0, 0, 256}, DriveAddress{0, 0, 0, 16383});
    CAPTURE(address);
    const auto refusal = refused(persistent(q35(1)), address);
    CHECK(refusal.reason() == Reason::AddressNotUsable);
    CHECK(refusal.field() == "/address");
}
