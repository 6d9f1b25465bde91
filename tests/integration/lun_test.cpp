#include "round_trip.h"
#include "sources.h"
#include "support/images.h"
#include "support/iscsi_target.h"
#include "support/nbd_server.h"

using namespace hotplug::test;

namespace {

Json::Value lun(const IscsiTarget& iscsi, Members more = {})
{
    auto params = networkDrive("iscsi", iscsi.name(), iscsi.port(), more);
    params["drive"]["device"] = "lun";
    return params;
}

} // namespace

TEST_CASE("A1 A4 C1 P3: a LUN is passed through with its own serial, unplugged and plugged again", "[integration]")
{
    TestHost host;
    const IscsiTarget iscsi(makeRaw(host.outside() / "lun.img", 16));
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();
    const auto params = lun(iscsi, {{"iface", "scsi"}, {"address", scsiAddress(5)}});

    for (const auto* round : {"first", "second"}) {
        INFO("plugged for the " << round << " time");
        const auto reply = plugAndRead(vm, params, iscsi.serial(), 16 * mib);
        CHECK(addressText(reply["device"]["address"]) == "0:0:0:5");
        const auto live = parseDomain(vm.liveXml()), definition = parseDomain(vm.configXml());
        for (const auto* xml : {&live, &definition}) {
            const auto disk = deviceByAlias(*xml, reply["device"]["alias"].asString());
            CHECK(disk.attribute("device").value() == std::string("lun"));
            CHECK_FALSE(disk.child("serial"));
            CHECK(addressText(disk) == "0:0:0:5");
        }
        CHECK(iscsi.inUse());
        unplugLeavingNothing(vm, params, reply);
        eventually("QEMU has logged out", [&] { return !iscsi.inUse(); });
    }
    const auto asDisk = networkDrive("iscsi", iscsi.name(), iscsi.port(), {{"iface", "scsi"}, {"serial", "OURS"}});
    unplugLeavingNothing(vm, asDisk, plugAndRead(vm, asDisk, "OURS", 16 * mib));
}

TEST_CASE("A4 C1 R8: a LUN with a serial, on another bus or of other storage is refused", "[integration]")
{
    TestHost host;
    const IscsiTarget iscsi(makeRaw(host.outside() / "lun.img"));
    const NbdServer nbd(makeRaw(host.outside() / "nbd.img"), "export-1");
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    struct Case {
        const char* what;
        Json::Value params;
        const char *reason, *field;
    };
    const Case cases[] = {
        {"serial", lun(iscsi, {{"serial", "S"}}), "INVALID_PARAMETER", "/drive/serial"},
        {"virtio", lun(iscsi, {{"iface", "virtio"}}), "BUS_NOT_HOTPLUGGABLE", "/drive/iface"},
        {"sata", lun(iscsi, {{"iface", "sata"}}), "BUS_NOT_HOTPLUGGABLE", "/drive/iface"},
        {"file", drive(makeRaw(host.imageRoot() / "f.img"), {{"device", "lun"}}), "INVALID_PARAMETER", "/drive/device"},
        {"nbd", networkDrive("nbd", "export-1", nbd.port(), {{"device", "lun"}}), "INVALID_PARAMETER", "/drive/device"},
    };
    for (const auto& one : cases) {
        INFO(one.what);
        const auto reply = vm.call("hotplugDisk", one.params);
        INFO(reply.text());
        CHECK(reply.reason() == one.reason);
        CHECK(reply.outcome() == "refused");
        CHECK(reply.error["data"]["field"].asString() == one.field);
    }
}

TEST_CASE("C1 K5: a LUN of a block device that is no SCSI device fails and leaves nothing", "[integration]")
{
    TestHost host;
    const NamedDevice device(makeRaw(host.outside() / "d.img", 8));
    Hotplugd daemon(host, allowing());
    TestVm vm(daemon);
    vm.boot();
    const auto reply = vm.call("hotplugDisk", named("GUID", device.guid, {{"device", "lun"}, {"iface", "scsi"}}));
    INFO(reply.text());
    CHECK(reply.outcome() == "failed");
    CHECK(reply.code() == 45);
    CHECK(vm.monitor().execute("query-named-block-nodes").find("libvirt-") == std::string::npos);
    CHECK(vm.configXml().find(device.guid) == std::string::npos);

    const auto asDisk = named("GUID", device.guid, {{"iface", "scsi"}, {"serial", "DISK"}});
    unplugLeavingNothing(vm, asDisk, plugAndRead(vm, asDisk, "DISK", 8 * mib));
}
