#include "round_trip.h"
#include "sources.h"
#include "support/images.h"
#include "support/iscsi_target.h"
#include "support/nbd_server.h"

#include <filesystem>

// Each way of naming a disk's storage. The guest must have no other disk.

using namespace hotplug::test;
using hotplug::Uuid;
namespace fs = std::filesystem;

namespace {

std::string newUuid() { return Uuid::random().str(); }

fs::path dataCenter(const TestHost& host) { return host.path() / "storage/data-center"; }

/// An oVirt image in the data centre, where the storage domain is a link, as oVirt mounts it.
Json::Value newQuartet(const TestHost& host, unsigned size)
{
    auto named = object({{"poolID", newUuid()}, {"domainID", newUuid()}, {"imageID", newUuid()},
        {"volumeID", newUuid()}, {"format", "raw"}});
    const auto domain = dataCenter(host) / "mnt/server:_export" / named["domainID"].asString();
    const auto pool = dataCenter(host) / named["poolID"].asString();
    const auto image = domain / "images" / named["imageID"].asString();
    fs::create_directories(image);
    fs::create_directories(pool);
    fs::create_directory_symlink(domain, pool / named["domainID"].asString());
    makeRaw(image / named["volumeID"].asString(), size);
    return object({{"drive", named}});
}

void roundTrip(TestVm& vm, const char* what, const Json::Value& params, const std::string& guestSerial, unsigned size)
{
    INFO(what);
    unplugLeavingNothing(vm, params, plugAndRead(vm, params, guestSerial, size));
}

} // namespace

TEST_CASE("A4 C9: an image is named by path or quartet, and the serial defaults to the imageID", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host, {"--data-center-root", dataCenter(host)});
    TestVm vm(daemon);
    vm.boot();
    const auto quartet = newQuartet(host, 6);
    const auto imageId = quartet["drive"]["imageID"].asString();

    roundTrip(vm, "path, raw", drive(makeRaw(host.imageRoot() / "r.img", 5), {{"serial", "RAW"}}), "RAW", 5 * mib);
    roundTrip(vm, "path, qcow2",
        drive(makeQcow2(host.imageRoot() / "q.img", 9), {{"format", "cow"}, {"serial", "COW"}}), "COW", 9 * mib);
    roundTrip(vm, "quartet on virtio", quartet, imageId.substr(0, 20), 6 * mib);

    auto onScsi = quartet;
    onScsi["drive"]["iface"] = "scsi";
    const auto reply = plugAndRead(vm, onScsi, imageId, 6 * mib);
    CHECK(vm.device(reply["device"]["deviceId"].asString())["serial"] == imageId);
    unplugLeavingNothing(vm, onScsi, reply);
}

TEST_CASE("A4: a block device is named by GUID, UUID or path, and known by each of them", "[integration]")
{
    TestHost host;
    const NamedDevice raw(makeRaw(host.outside() / "raw.img", 7));
    Hotplugd daemon(host, allowing());
    TestVm vm(daemon);
    vm.boot();
    const auto byId = "/dev/disk/by-id/" + raw.id;

    roundTrip(vm, "GUID", named("GUID", raw.guid, {{"serial", "GUID"}}), "GUID", 7 * mib);
    roundTrip(vm, "UUID", named("UUID", raw.uuid, {{"serial", "UUID"}}), "UUID", 7 * mib);
    roundTrip(vm, "path", drive(byId, {{"serial", "PATH"}}), "PATH", 7 * mib);
    roundTrip(vm, "on SCSI", drive(byId, {{"serial", "SCSI"}, {"iface", "scsi"}}), "SCSI", 7 * mib);
    const auto plugged = plugAndRead(vm, named("GUID", raw.guid, {{"serial", "TWO"}}), "TWO", 7 * mib);
    CHECK(vm.call("hotplugDisk", named("UUID", raw.uuid)).reason() == "ALREADY_PLUGGED");
    const auto xml = parseDomain(vm.configXml());
    const auto disk = deviceByAlias(xml, plugged["device"]["alias"].asString());
    CHECK(disk.attribute("type").value() == std::string("block"));
    CHECK(disk.child("source").attribute("dev").value() == "/dev/mapper/" + raw.guid);
    unplugLeavingNothing(vm, named("UUID", raw.uuid), plugged);     // another name of the same device
}

TEST_CASE("A4: a qcow2 on a block device is read as such, and not as raw", "[integration]")
{
    TestHost host;
    const auto image = makeQcow2(host.outside() / "cow.img", 12);
    fs::resize_file(image, 4 * mib);                // as long as a volume that was made for it
    const NamedDevice cow(image);
    Hotplugd daemon(host, allowing());
    TestVm vm(daemon);
    vm.boot();

    roundTrip(vm, "qcow2", named("GUID", cow.guid, {{"serial", "COW"}, {"format", "cow"}}), "COW", 12 * mib);
    CHECK(vm.call("hotplugDisk", named("GUID", cow.guid)).reason() == "FORMAT_MISMATCH");
}

TEST_CASE("A4: volumes of iSCSI and NBD servers come and go, and the servers see us leave", "[integration]")
{
    TestHost host;
    const IscsiTarget iscsi(makeRaw(host.outside() / "iscsi.img", 10));
    const NbdServer nbd(makeRaw(host.outside() / "nbd.img", 11), "export-1");
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();

    for (const char* iface : {"virtio", "scsi"}) {
        roundTrip(vm, "iscsi", networkDrive("iscsi", iscsi.name(), iscsi.port(), {{"serial", "I-1"}, {"iface", iface}}),
            "I-1", 10 * mib);
        eventually("QEMU has logged out", [&] { return !iscsi.inUse(); });
        roundTrip(vm, "nbd", networkDrive("nbd", nbd.exportName(), nbd.port(), {{"serial", "N-1"}, {"iface", iface}}),
            "N-1", 11 * mib);
    }
}
