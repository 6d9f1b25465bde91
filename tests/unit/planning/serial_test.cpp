#include "disk_request.h"

using namespace hotplug;
using namespace hotplug::test;

TEST_CASE("C9: a serial that the bus carries is used as it is")
{
    struct Case {
        Bus bus;
        std::string serial;
    };
    const auto [bus, serial] = GENERATE(Case{Bus::Virtio, "S"}, Case{Bus::Virtio, "AZaz09_.+-"},
        Case{Bus::Virtio, std::string(20, 'x')}, Case{Bus::Scsi, std::string(36, 'x')});
    CAPTURE(serial);
    auto disk = newDisk(bus);
    disk.serial = serial;
    const auto plan = plug(persistent(q35(4)), disk);
    CHECK(planned(plan).serial == serial);
    CHECK(plan.record->serial == serial);
}

TEST_CASE("C9: a serial longer than the bus carries is refused")
{
    struct Case {
        Bus bus;
        std::size_t length;
    };
    const auto [bus, length] = GENERATE(Case{Bus::Virtio, 21}, Case{Bus::Virtio, 36}, Case{Bus::Scsi, 37});
    auto disk = newDisk(bus);
    disk.serial = std::string(length, 'x');
    const auto refusal = refused(persistent(q35(4)), disk);
    CHECK(refusal.reason() == Reason::SerialTooLong);
    CHECK(refusal.field() == "/serial");
}

TEST_CASE("C9: a serial of other characters is refused")
{
    const auto serial = GENERATE(as<std::string>{}, "", "a b", "a&b", "a,b", "a/b", "\xc3\xa4", std::string("a\0b", 3), "a\n");
    CAPTURE(serial);
    auto disk = newDisk();
    disk.serial = serial;
    const auto refusal = refused(persistent(q35(4)), disk);
    CHECK(refusal.reason() == Reason::InvalidParameter);
    CHECK(refusal.field() == "/serial");
}

TEST_CASE("C9: a default serial is the device id, written whole however long")
{
    auto disk = newDisk();
    disk.id = idOf(std::string(64, 'x'));
    CHECK(planned(plug(persistent(q35(4)), disk)).serial == std::string(64, 'x'));
}

TEST_CASE("C9: two serials that the guest would see as one are refused")
{
    struct Case {
        const char *bus, *serial;
        Bus newBus;
        bool same;
    };
    const auto [bus, serial, newBus, same] = GENERATE(Case{"virtio", "12345678901234567890", Bus::Virtio, true},
        Case{"virtio", "12345678901234567890-other", Bus::Virtio, true},
        Case{"scsi", "12345678901234567890", Bus::Virtio, true},
        Case{"scsi", "12345678901234567890-other", Bus::Virtio, false},
        Case{"usb", "12345678901234567890-other", Bus::Virtio, true},
        Case{"virtio", "12345678901234567890-other", Bus::Scsi, true},
        Case{"virtio", "1234567890123456789", Bus::Virtio, false}, Case{"virtio", "", Bus::Virtio, false});
    CAPTURE(bus, serial);
    auto with = q35(4);
    addDisk(with, "vda", bus, "ua-old").serial = serial;
    auto disk = newDisk(newBus);
    disk.serial = "12345678901234567890";
    for (const auto& domain : {running(with, q35(4)), running(q35(4), with)}) {
        if (!same) {
            CHECK_NOTHROW(plug(domain, disk));
            continue;
        }
        const auto refusal = refused(domain, disk);
        CHECK(refusal.reason() == Reason::SerialDuplicate);
        CHECK(refusal.field() == "/serial");
        CHECK(refusal.conflictsWith() == "ua-old");
    }
}

TEST_CASE("C9: default serials that the guest would see as one are refused too")
{
    auto with = q35(4);
    addDisk(with, "vda", "virtio", "ua-old").serial = "1b4e28ba-2fa1-11d2-883f-0016d3cca427";
    auto disk = newDisk();
    disk.id = idOf("1b4e28ba-2fa1-11d2-883f-ffffffffffff");
    CHECK(refused(persistent(with), disk).reason() == Reason::SerialDuplicate);
    disk.bus = Bus::Scsi;
    CHECK_NOTHROW(plug(persistent(with), disk));
}

TEST_CASE("A4: the default serial of an image of a storage domain is its image's id, written whole")
{
    const std::string image = "2c5e6c4c-2f4d-4ce5-9d5a-3b3b1a4a6b22";
    auto disk = newDisk();
    disk.source = ImageQuartet{Uuid::random(), Uuid::random(), Uuid::parse(image).value(), Uuid::random()};
    const auto plan = plug(persistent(q35(4)), disk);
    CHECK(planned(plan).serial == image);
    CHECK(plan.record->serial == image);
    disk.serial = "mine";
    CHECK(planned(plug(persistent(q35(4)), disk)).serial == "mine");
}

TEST_CASE("A4: a lun gets no serial, so any number of luns fits a VM, and one given for it is refused")
{
    auto with = q35(4);
    addDisk(with, "sda", "scsi", "ua-old").device = "lun";
    const auto plan = plug(persistent(with), newLun(), blockSource());
    CHECK(planned(plan).serial.empty());
    CHECK(plan.record->serial.empty());
    auto lun = newLun();
    lun.serial = "mine";
    const auto refusal = refused(persistent(with), lun, blockSource());
    CHECK(refusal.reason() == Reason::InvalidParameter);
    CHECK(refusal.field() == "/serial");
}
