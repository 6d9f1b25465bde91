#include "sources.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/iscsi_target.h"
#include "support/nbd_server.h"
#include "support/test_vm.h"

#include <filesystem>

// Storage that is not taken, before libvirt hears of it or after; what images are refused for stands in
// refusal_test.cpp.

using namespace hotplug::test;
namespace fs = std::filesystem;

namespace {

struct Case {
    const char* what;
    Json::Value params;
    const char* reason;
    const char* field;
};

void requireRefused(TestVm& vm, const std::vector<Case>& cases)
{
    for (const auto& one : cases) {
        INFO(one.what);
        const auto reply = vm.call("hotplugDisk", one.params);
        INFO(reply.text());
        CHECK(reply.reason() == one.reason);
        CHECK(reply.outcome() == "refused");
        CHECK(reply.error["data"]["field"].asString() == one.field);
    }
}

/// What libvirt or QEMU say no to is undone, and leaves nothing.
void requireFailed(TestVm& vm, const char* what, const Json::Value& params, const char* reason)
{
    INFO(what);
    const auto before = vm.liveXml(), definition = vm.configXml();
    const auto reply = vm.call("hotplugDisk", with(params, {{"timeout", 20000}}));
    INFO(reply.text());
    CHECK(reply.reason() == reason);
    CHECK(reply.outcome() == "failed");
    CHECK(vm.monitor().execute("query-named-block-nodes").find("libvirt-") == std::string::npos);
    CHECK(vm.must("listDevices", {})["devices"].size() == 1);       // the CD-ROM drive
    CHECK(vm.configXml().find("hotplugd:device") == std::string::npos);
}

Json::Value without(Json::Value params, const char* key)
{
    params["drive"].removeMember(key);
    return params;
}

Json::Value plus(Json::Value params, const char* key, const Json::Value& value)
{
    params["drive"][key] = value;
    return params;
}

std::string uuid() { return hotplug::Uuid::random().str(); }

} // namespace

TEST_CASE("A4 R5 R6 R8: devices that are missing, not allowed or mounted are refused", "[integration]")
{
    TestHost host;
    const NamedDevice device(makeRaw(host.outside() / "d.img", 8));
    LoopDevice secret(makeRaw(host.outside() / "secret.img", 8));
    const auto name = secret.link("/dev/mapper/secret-" + device.guid);
    fs::create_symlink(secret.path(), host.imageRoot() / "link.img");
    Hotplugd daemon(host, allowing());
    TestVm vm(daemon);
    vm.start();

    requireRefused(vm, {
        {"unknown GUID", named("GUID", "36001405-none"), "SOURCE_NOT_FOUND", "/drive/GUID"},
        {"unknown UUID", named("UUID", uuid()), "SOURCE_NOT_FOUND", "/drive/UUID"},
        {"GUID that no pattern has", named("GUID", "secret-" + device.guid), "SOURCE_NOT_ALLOWED", "/drive/GUID"},
        {"path that no pattern has", drive(name), "SOURCE_NOT_ALLOWED", "/drive/path"},
        {"node that no pattern has", drive(secret.path()), "SOURCE_NOT_ALLOWED", "/drive/path"},
        {"link to it", drive(host.imageRoot() / "link.img"), "SOURCE_NOT_ALLOWED", "/drive/path"},
    });
    const Mount mounted(device.device.path());
    requireRefused(vm, {
        {"mounted, by GUID", named("GUID", device.guid), "SOURCE_IN_USE", "/drive/GUID"},
        {"mounted, by UUID", named("UUID", device.uuid), "SOURCE_IN_USE", "/drive/UUID"},
    });
}

TEST_CASE("A4 R5 R8: no source, several, half of one and words that name none are refused", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    const auto image = makeRaw(host.imageRoot() / "d.img");
    const auto quartet = object({{"drive", object({{"format", "raw"}, {"poolID", uuid()}, {"domainID", uuid()},
        {"imageID", uuid()}, {"volumeID", uuid()}})}});
    const auto iscsi = networkDrive("iscsi", "iqn.2012-06.test:x/1", 3260);
    const auto nbd = networkDrive("nbd", "x", 10809);
    auto twoHosts = iscsi;
    twoHosts["drive"]["hosts"].append(iscsi["drive"]["hosts"][0]);
    const auto login = object({{"type", "ceph"}, {"username", "me"}, {"uuid", uuid()}});

    requireRefused(vm, {
        {"none", object({{"drive", object({{"format", "raw"}})}}), "MISSING_PARAMETER", "/drive/path"},
        {"path and GUID", named("GUID", "3600", {{"path", image}}), "INVALID_PARAMETER", "/drive/GUID"},
        {"GUID and UUID", named("GUID", "3600", {{"UUID", uuid()}}), "INVALID_PARAMETER", "/drive/UUID"},
        {"no volumeID", without(quartet, "volumeID"), "MISSING_PARAMETER", "/drive/volumeID"},
        {"no such image", quartet, "SOURCE_NOT_FOUND", "/drive/volumeID"},
        {"iscsi without a name", without(iscsi, "name"), "MISSING_PARAMETER", "/drive/name"},
        {"iscsi without a host", without(iscsi, "hosts"), "MISSING_PARAMETER", "/drive/hosts"},
        {"iscsi with two hosts", twoHosts, "INVALID_PARAMETER", "/drive/hosts"},
        {"nbd with a login", plus(nbd, "auth", login), "INVALID_PARAMETER", "/drive/auth"},
        {"iscsi with a login of ceph", plus(iscsi, "auth", login), "INVALID_PARAMETER", "/drive/auth/type"},
        {"nbd with qcow2", plus(nbd, "format", "cow"), "NOT_SUPPORTED", "/drive/format"},
    });
    for (const char* guid : {"../sda", "a/b", ".", "a b"})
        CHECK(vm.call("hotplugDisk", named("GUID", guid)).code() == -32602);
}

TEST_CASE("A4 K5 R6: a server that has no such volume, or is not there, leaves nothing behind", "[integration]")
{
    TestHost host;
    const IscsiTarget iscsi(makeRaw(host.outside() / "iscsi.img"));
    const NbdServer nbd(makeRaw(host.outside() / "nbd.img"), "export-1");
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();

    requireFailed(vm, "no such LUN", networkDrive("iscsi", iscsi.iqn() + "/7", iscsi.port()), "SOURCE_NOT_FOUND");
    requireFailed(vm, "no such target", networkDrive("iscsi", iscsi.iqn() + "x/1", iscsi.port()), "SOURCE_NOT_FOUND");
    requireFailed(vm, "no such export", networkDrive("nbd", "none", nbd.port()), "SOURCE_NOT_FOUND");

    // Foreseen: QEMU would keep its guest waiting.
    for (const auto& silent : {networkDrive("iscsi", iscsi.name(), nbd.port() + 1),
             networkDrive("nbd", "export-1", nbd.port() + 1), networkDrive("nbd", "export-1", iscsi.port())}) {
        const auto reply = vm.call("hotplugDisk", silent);
        INFO(reply.text());
        CHECK(reply.outcome() == "refused");
        CHECK(reply.reason() == "SOURCE_NOT_RESPONDING");
        CHECK(reply.error["data"]["field"] == "/drive/name");
    }
}

TEST_CASE("R6: storage that another VM uses is refused under each of its names, unless both share it", "[integration]")
{
    TestHost host;
    const NamedDevice device(makeRaw(host.outside() / "d.img", 8));
    const IscsiTarget iscsi(makeRaw(host.outside() / "iscsi.img"));
    const NbdServer nbd(makeRaw(host.outside() / "nbd.img"), "export-1");
    Hotplugd daemon(host, allowing());
    TestVm first(daemon), second(daemon);
    first.start();
    second.start();
    const auto volume = networkDrive("iscsi", iscsi.name(), iscsi.port());
    const auto exported = networkDrive("nbd", nbd.exportName(), nbd.port());
    first.must("hotplugDisk", named("GUID", device.guid));
    first.must("hotplugDisk", volume);
    first.must("hotplugDisk", exported);

    requireRefused(second, {
        {"the same GUID", named("GUID", device.guid), "SOURCE_IN_USE", "/drive/GUID"},
        {"its UUID", named("UUID", device.uuid), "SOURCE_IN_USE", "/drive/UUID"},
        {"its path", drive("/dev/disk/by-id/" + device.id), "SOURCE_IN_USE", "/drive/path"},
        {"shared by one only", named("GUID", device.guid, {{"shared", "True"}}), "SOURCE_IN_USE", "/drive/GUID"},
        {"the same iSCSI volume", volume, "SOURCE_IN_USE", "/drive/name"},
        {"the same NBD export", exported, "SOURCE_IN_USE", "/drive/name"},
    });
    first.must("hotunplugDisk", with(named("GUID", device.guid), {{"timeout", 60000}}));
    first.must("hotplugDisk", named("GUID", device.guid, {{"shared", "True"}}));
    second.must("hotplugDisk", named("UUID", device.uuid, {{"shared", "True"}}));
}
