#include "planning/planning.h"
#include "vm.h"

using namespace hotplug;
using namespace hotplug::test;

namespace {

const HostSource source{"/srv/images/new.qcow2", DiskFormat::Qcow2, {"/srv/images/new.qcow2", "/srv/images/base.img"}, 1};

DiskRequest newDisk(Bus bus = Bus::Virtio)
{
    DiskRequest disk;
    disk.id = idOf("new");
    disk.path = source.path;
    disk.format = DiskFormat::Qcow2;
    disk.bus = bus;
    return disk;
}

Plan plug(const Domain& domain, const DiskRequest& disk, std::optional<bool> persist = std::nullopt)
{
    return planPlugDisk(domain, disk, source, persist);
}

Refusal refused(const Domain& domain, const DiskRequest& disk, std::optional<bool> persist = std::nullopt)
{
    return refusalOf([&] { plug(domain, disk, persist); });
}

/// The planned device as it will stand in the VM.
DomainDisk planned(const Plan& plan)
{
    const auto document = parseDefinition("<domain><uuid>" + plan.vm.str() + "</uuid><devices>" + plan.deviceXml
        + "</devices></domain>");
    return document.disks.at(0);
}

} // namespace

TEST_CASE("A1: the plan of a virtio disk says all that acting needs")
{
    auto document = q35(4);
    addDisk(document, "vda", "virtio", "ua-root", PciAddress{.bus = 1});
    const auto plan = plug(persistent(document), newDisk());
    CHECK(plan.vm == document.uuid);
    CHECK(plan.goal == Goal::Plug);
    CHECK(plan.kind == DeviceKind::Disk);
    CHECK(plan.device == idOf("new"));
    CHECK(plan.alias.str() == "ua-new");
    CHECK(plan.address == Address(PciAddress{.bus = 2}));
    CHECK(plan.target == "vdb");
    CHECK(plan.configTwin.empty());
    const auto disk = planned(plan);
    CHECK(disk.alias == plan.alias);
    CHECK(disk.address == plan.address);
    CHECK(disk.target == plan.target);
    CHECK(disk.bus == "virtio");
    CHECK(disk.serial == "new");
    CHECK(disk.sources == std::vector{source.path});
}

TEST_CASE("A1: the plan of a disk has the record that will be written, with the path as the caller named it")
{
    auto disk = newDisk();
    disk.path = "/links/new.qcow2";
    const auto plan = plug(persistent(q35(1)), disk, false);
    CHECK(planned(plan).sources == std::vector{source.path});
    REQUIRE(plan.record);
    CHECK(*plan.record == DeviceRecord{.id = idOf("new"), .kind = DeviceKind::Disk, .plugged = true, .persist = false,
        .source = "/links/new.qcow2", .serial = "new", .mac = {}, .address = "0000:01:00.0"});
}

TEST_CASE("A1: a scsi disk gets a unit and takes no port")
{
    auto document = q35(1);
    fillPorts(document, 1, 1);
    const auto plan = plug(persistent(document), newDisk(Bus::Scsi));
    CHECK(plan.address == Address(DriveAddress{0, 0, 0, 0}));
    CHECK(plan.target == "sda");
    CHECK(plan.record->address == "0:0:0:0");
    CHECK(planned(plan).address == plan.address);
    CHECK(refused(persistent(document), newDisk()).reason() == Reason::NoFreePciPort);
}

TEST_CASE("A3: address, index and boot order that the caller gave stand in the plan")
{
    auto disk = newDisk();
    disk.address = PciAddress{.bus = 3};
    disk.index = 26;
    disk.bootOrder = 5;
    const auto plan = plug(persistent(q35(4)), disk);
    CHECK(plan.address == Address(PciAddress{.bus = 3}));
    CHECK(plan.target == "vdaa");
    CHECK(planned(plan).bootOrder == 5u);
}

TEST_CASE("C1: disks on other buses are refused before libvirt sees them")
{
    const auto bus = GENERATE(Bus::Sata, Bus::Ide);
    const auto refusal = refused(persistent(q35(4)), newDisk(bus));
    CHECK(refusal.reason() == Reason::BusNotHotpluggable);
    CHECK(refusal.field() == "/iface");
    CHECK_THAT(refusal.what(), Catch::Contains(std::string(name(bus))));
}

TEST_CASE("R2: without a device id the same source always names the same device")
{
    auto disk = newDisk();
    disk.id.reset();
    disk.path = "/links/new.qcow2";
    const auto domain = persistent(q35(4));
    const auto plan = plug(domain, disk);
    CHECK(plan.device == DeviceId::derive(domain.live->uuid, "/links/new.qcow2"));
    CHECK(plug(domain, disk) == plan);
}

TEST_CASE("R2: a device that the VM has in either document is not plugged again")
{
    auto with = q35(4);
    addDisk(with, "vda", "virtio", "ua-new");
    for (const auto& domain : {running(with, q35(4)), running(q35(4), with), transient(with)}) {
        const auto refusal = refused(domain, newDisk());
        CHECK(refusal.reason() == Reason::AlreadyPlugged);
        CHECK(refusal.field() == "/deviceId");
        CHECK(refusal.conflictsWith() == "ua-new");
    }
    auto withNic = q35(4);
    addNic(withNic, "52:54:00:00:00:01", "ua-new");
    CHECK(refused(persistent(withNic), newDisk()).reason() == Reason::AlreadyPlugged);
}

TEST_CASE("R2: a source that the VM has is not plugged again, whichever layer and by whichever name")
{
    struct Case {
        std::vector<std::string> sources;
        std::string alias, holder;
    };
    const auto [sources, alias, holder] = GENERATE(Case{{"/srv/images/new.qcow2"}, "ua-old", "ua-old"},
        Case{{"/srv/images/snapshot", "/srv/images/new.qcow2"}, "virtio-disk0", "virtio-disk0"},
        Case{{"/links/new.qcow2"}, "", "vda"});
    CAPTURE(sources);
    auto with = q35(4);
    addDisk(with, "vda", "virtio", alias).sources = sources;
    auto disk = newDisk();
    disk.path = "/links/new.qcow2";
    for (const auto& domain : {running(with, q35(4)), running(q35(4), with)}) {
        const auto refusal = refused(domain, disk);
        CHECK(refusal.reason() == Reason::AlreadyPlugged);
        CHECK(refusal.field() == "/path");
        CHECK(refusal.conflictsWith() == holder);
    }
}

TEST_CASE("R2: two disks may stand on the same base image")
{
    auto with = q35(4);
    addDisk(with, "vda", "virtio", "ua-old").sources = {"/srv/images/other.qcow2", "/srv/images/base.img"};
    CHECK_NOTHROW(plug(persistent(with), newDisk()));
}

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

TEST_CASE("A3: a boot order that another device has is refused")
{
    auto withDisk = q35(4), withNic = q35(4);
    addDisk(withDisk, "vda", "virtio", "ua-root").bootOrder = 1;
    addNic(withNic, "52:54:00:00:00:01", "").bootOrder = 1;
    auto disk = newDisk();
    disk.bootOrder = 1;
    for (const auto& domain : {running(withDisk, q35(4)), running(q35(4), withDisk)}) {
        const auto refusal = refused(domain, disk);
        CHECK(refusal.reason() == Reason::BootOrderInUse);
        CHECK(refusal.field() == "/bootOrder");
        CHECK(refusal.conflictsWith() == "ua-root");
    }
    CHECK(refused(persistent(withNic), disk).reason() == Reason::BootOrderInUse);
    disk.bootOrder = 2;
    CHECK_NOTHROW(plug(persistent(withDisk), disk));
}

TEST_CASE("C2: a boot order beside a boot device of the whole VM is refused, where it would be written")
{
    auto whole = q35(4);
    whole.bootDevices = true;
    auto disk = newDisk();
    CHECK_NOTHROW(plug(persistent(whole), disk));
    disk.bootOrder = 1;
    const auto refusal = refused(persistent(whole), disk);
    CHECK(refusal.reason() == Reason::BootOrderUnsupported);
    CHECK(refusal.field() == "/bootOrder");
    CHECK(refused(running(whole, q35(4)), disk, false).reason() == Reason::BootOrderUnsupported);
    CHECK(refused(running(q35(4), whole), disk).reason() == Reason::BootOrderUnsupported);
    CHECK_NOTHROW(plug(running(q35(4), whole), disk, false));
}
