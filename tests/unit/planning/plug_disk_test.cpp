#include "disk_request.h"

using namespace hotplug;
using namespace hotplug::test;

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
    CHECK(disk.sources == std::vector{newSource().path});
}

TEST_CASE("A1: the plan of a disk has the record that will be written, with the path as the caller named it")
{
    auto disk = newDisk();
    disk.source = ImagePath{"/links/new.qcow2"};
    const auto plan = plug(persistent(q35(1)), disk, false);
    CHECK(planned(plan).sources == std::vector{newSource().path});
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

TEST_CASE("R2: without a device id the same source always names the same device")
{
    auto disk = newDisk();
    disk.id.reset();
    disk.source = ImagePath{"/links/new.qcow2"};
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
