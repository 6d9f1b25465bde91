#include "support/catch.h"

#include "model/address.h"
#include "model/device.h"
#include "model/outcome.h"

#include <stdexcept>
#include <vector>

using namespace hotplug;

namespace {

/// The expected names stand in the order of the enumerators.
template<typename Enum> void checkNames(const std::vector<std::string_view>& expected)
{
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CAPTURE(i);
        CHECK(name(static_cast<Enum>(i)) == expected[i]);
    }
}

} // namespace

TEST_CASE("A5: addresses are printed as people and guests write them")
{
    CHECK(PciAddress{0, 5, 0, 0}.str() == "0000:05:00.0");
    CHECK(PciAddress{0x10, 0xff, 0x1f, 7}.str() == "0010:ff:1f.7");
    CHECK(DriveAddress{0, 0, 0, 3}.str() == "0:0:0:3");
    CHECK(str(Address(PciAddress{0, 1, 2, 3})) == "0000:01:02.3");
    CHECK(str(Address(DriveAddress{1, 0, 12, 255})) == "1:0:12:255");
}

TEST_CASE("A5: addresses are compared by value, PCI never equal to drive")
{
    CHECK(PciAddress{.bus = 1} < PciAddress{.bus = 2});
    CHECK(DriveAddress{0, 0, 1, 0} > DriveAddress{0, 0, 0, 255});
    CHECK(Address(PciAddress{}) != Address(DriveAddress{}));
    CHECK(Address(PciAddress{.slot = 3}) == Address(PciAddress{0, 0, 3, 0}));
}

TEST_CASE("Every enumerator has the name that the wire and libvirt know")
{
    checkNames<DeviceKind>({"disk", "nic"});
    checkNames<Bus>({"virtio", "scsi", "sata", "ide"});
    checkNames<DiskFormat>({"raw", "qcow2"});
    checkNames<CacheMode>({"none", "writethrough", "writeback", "directsync", "unsafe"});
    checkNames<DiscardMode>({"unmap", "ignore"});
    checkNames<ErrorPolicy>({"stop", "enospace", "report"});
    checkNames<NicModel>({"virtio", "rtl8139", "e1000", "e1000e"});
    checkNames<Goal>({"plug", "unplug"});
    checkNames<Outcome>({"running", "done", "refused", "failed", "pending", "cancelled", "moved"});
    checkNames<DeviceState>({"unplugged", "plugging", "plugged", "unplugging", "drifted"});
    checkNames<VmStatus>({"Down", "Up", "Paused", "Powering down", "Crashed", "Suspended"});
}

TEST_CASE("What is no enumerator has no name")
{
    CHECK_THROWS_AS(name(static_cast<Bus>(4)), std::logic_error);
    CHECK_THROWS_AS(name(static_cast<CacheMode>(5)), std::logic_error);
    CHECK_THROWS_AS(name(static_cast<ErrorPolicy>(3)), std::logic_error);
    CHECK_THROWS_AS(name(static_cast<NicModel>(4)), std::logic_error);
    CHECK_THROWS_AS(name(static_cast<Outcome>(7)), std::logic_error);
    CHECK_THROWS_AS(name(static_cast<DeviceState>(5)), std::logic_error);
    CHECK_THROWS_AS(name(static_cast<VmStatus>(6)), std::logic_error);
}

TEST_CASE("C9: a serial has the length that its bus carries")
{
    CHECK(maxSerial(Bus::Virtio) == 20);
    CHECK(maxSerial(Bus::Scsi) == 36);
    CHECK(maxSerial(Bus::Sata) == 20);
    CHECK(maxSerial(Bus::Ide) == 20);
}

TEST_CASE("A record is found by its device id")
{
    VmRecord records;
    for (const auto* id : {"a", "b"})
        records.devices.push_back({.id = *DeviceId::parse(id), .kind = DeviceKind::Disk, .plugged = true, .persist = true,
            .source = id, .serial = {}, .mac = {}, .address = {}});
    REQUIRE(records.find(*DeviceId::parse("b")));
    CHECK(records.find(*DeviceId::parse("b"))->source == "b");
    CHECK_FALSE(records.find(*DeviceId::parse("c")));
    CHECK_FALSE(VmRecord().find(*DeviceId::parse("a")));
}
