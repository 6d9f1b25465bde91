#include "disk_request.h"

using namespace hotplug;
using namespace hotplug::test;

TEST_CASE("C1: a lun is plugged on scsi only, and a disk on virtio or scsi")
{
    struct Case {
        Bus bus;
        DiskDevice device;
        bool allowed;
    };
    const auto [bus, device, allowed] = GENERATE(Case{Bus::Virtio, DiskDevice::Disk, true},
        Case{Bus::Scsi, DiskDevice::Disk, true}, Case{Bus::Scsi, DiskDevice::Lun, true},
        Case{Bus::Virtio, DiskDevice::Lun, false}, Case{Bus::Sata, DiskDevice::Disk, false},
        Case{Bus::Sata, DiskDevice::Lun, false}, Case{Bus::Ide, DiskDevice::Disk, false},
        Case{Bus::Ide, DiskDevice::Lun, false});
    CAPTURE(name(bus), name(device));
    auto disk = newLun();
    disk.bus = bus;
    disk.device = device;
    if (allowed) {
        const auto there = planned(plug(persistent(q35(4)), disk, blockSource()));
        CHECK(there.bus == name(bus));
        CHECK(there.device == name(device));
        return;
    }
    const auto refusal = refused(persistent(q35(4)), disk, blockSource());
    CHECK(refusal.reason() == Reason::BusNotHotpluggable);
    CHECK(refusal.field() == "/iface");
    CHECK_THAT(refusal.what(), Catch::Contains(device == DiskDevice::Lun ? "use scsi" : "use virtio or scsi"));
}

TEST_CASE("C1: a lun is a block device or an iSCSI volume")
{
    CHECK_NOTHROW(plug(persistent(q35(4)), newLun(), blockSource()));
    CHECK_NOTHROW(plug(persistent(q35(4)), newLun(), networkSource(NetworkProtocol::Iscsi)));
    for (const auto& source : {newSource(), networkSource(NetworkProtocol::Nbd), networkSource(NetworkProtocol::Rbd)}) {
        CAPTURE(source.path);
        const auto refusal = refused(persistent(q35(4)), newLun(), source);
        CHECK(refusal.reason() == Reason::InvalidParameter);
        CHECK(refusal.field() == "/device");
    }
}

TEST_CASE("C1: a lun has no format")
{
    auto lun = newLun();
    lun.format = DiskFormat::Qcow2;
    const auto refusal = refused(persistent(q35(4)), lun, blockSource());
    CHECK(refusal.reason() == Reason::InvalidParameter);
    CHECK(refusal.field() == "/format");
}

TEST_CASE("A3: reservations are managed for luns of block devices only")
{
    auto lun = newLun(), disk = newDisk(Bus::Scsi);
    lun.managedReservation = disk.managedReservation = true;
    const auto plan = plug(persistent(q35(4)), lun, blockSource());
    CHECK_THAT(plan.deviceXml, Catch::Contains("<reservations managed=\"yes\"/>"));
    for (const auto& refusal : {refused(persistent(q35(4)), lun, networkSource(NetworkProtocol::Iscsi)),
             refused(persistent(q35(4)), disk, blockSource())}) {
        CHECK(refusal.reason() == Reason::InvalidParameter);
        CHECK(refusal.field() == "/managed_reservation");
    }
}

TEST_CASE("A3: a disk that several VMs write to is raw")
{
    auto disk = newDisk();
    disk.shared = true;
    const auto refusal = refused(persistent(q35(4)), disk);
    CHECK(refusal.reason() == Reason::InvalidParameter);
    CHECK(refusal.field() == "/shared");
    disk.readonly = true;
    CHECK_NOTHROW(plug(persistent(q35(4)), disk));
    disk.readonly = false;
    disk.format = DiskFormat::Raw;
    CHECK(planned(plug(persistent(q35(4)), disk)).shareable);
}
