#include "requests.h"
#include "support/bridge.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/test_vm.h"

#include <sys/stat.h>

// What is refused before libvirt hears of it. That nothing was touched is checked by Hotplugd::call, every time.

using namespace hotplug::test;
namespace fs = std::filesystem;

namespace {

struct Case {
    const char* what;
    const char* verb;
    Json::Value params;
    const char* reason;
    const char* field = "";
};

int codeOf(const std::string& verb, const std::string& reason)
{
    if (reason == "INVALID_PARAMETER")
        return 91;
    if (reason == "MISSING_PARAMETER")
        return 11;
    return verb == "hotplugDisk" ? 45 : verb == "hotunplugDisk" ? 46 : verb == "hotplugNic" ? 49 : 50;
}

void requireRefused(TestVm& vm, const std::vector<Case>& cases)
{
    for (const auto& one : cases) {
        INFO(one.verb << ": " << one.what);
        const auto reply = vm.call(one.verb, one.params);
        INFO(reply.text());
        CHECK(reply.reason() == one.reason);
        CHECK(reply.outcome() == "refused");
        CHECK(reply.code() == codeOf(one.verb, one.reason));
        CHECK(reply.error["data"]["field"].asString() == one.field);
    }
}

void appendDisk(pugi::xml_node& domain, const std::string& image, const char* target, const char* bus,
    const char* serial)
{
    const auto xml = "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='" + image
        + "'/><target dev='" + target + "' bus='" + bus + "'/><serial>" + serial + "</serial></disk>";
    domain.child("devices").append_buffer(xml.data(), xml.size());
}

/// A VM with disks and a NIC of its own, which nobody hotplugged.
struct Furnished {
    Furnished()
        : vm(daemon, {.edit = [this](auto& domain) { furnish(domain); }})
    {
        vm.start();
    }

    void furnish(pugi::xml_node& domain)
    {
        for (const auto* name : {"cold", "sata", "twin1", "twin2"})
            makeRaw(image(name));
        appendDisk(domain, image("cold"), "vda", "virtio", "COLD");
        appendDisk(domain, image("sata"), "sdd", "sata", "SATA");
        appendDisk(domain, image("twin1"), "vdb", "virtio", "TWIN");
        appendDisk(domain, image("twin2"), "vdc", "virtio", "TWIN");
        const auto card = "<interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='" + bridge.name()
            + "'/><model type='virtio'/></interface>";
        domain.child("devices").append_buffer(card.data(), card.size());
    }

    std::string image(const std::string& name) const { return host.imageRoot() / (name + ".img"); }

    TestHost host;
    Bridge bridge;
    Hotplugd daemon{host};
    TestVm vm;
};

} // namespace

TEST_CASE("A2 A5 C1 C9 R2 R5 R6 R8: every refusal of a device has its own reason", "[integration]")
{
    Furnished given;
    const auto fresh = makeRaw(given.image("fresh"));
    const auto bridge = given.bridge.name();
    const auto taken = deviceByAlias(parseDomain(given.vm.liveXml()), "virtio-disk0");
    REQUIRE(taken);
    const auto takenBus = static_cast<unsigned>(std::stoul(addressText(taken).substr(5, 2), nullptr, 16));
    given.vm.must("hotplugDisk", drive(makeRaw(given.image("mine")), {{"iface", "scsi"}, {"deviceId", "mine"}}));

    requireRefused(given.vm, {
        {"IDE", "hotplugDisk", drive(fresh, {{"iface", "ide"}}), "BUS_NOT_HOTPLUGGABLE", "/drive/iface"},
        {"SATA", "hotplugDisk", drive(fresh, {{"iface", "sata"}}), "BUS_NOT_HOTPLUGGABLE", "/drive/iface"},
        {"source of a cold disk", "hotplugDisk", drive(given.image("cold")), "ALREADY_PLUGGED", "/drive/path"},
        {"the same again", "hotplugDisk", drive(given.image("mine"), {{"iface", "scsi"}}),
            "ALREADY_PLUGGED", "/drive/path"},
        {"deviceId taken", "hotplugDisk", drive(fresh, {{"deviceId", "mine"}}), "ALREADY_PLUGGED", "/drive/deviceId"},
        {"serial taken", "hotplugDisk", drive(fresh, {{"serial", "COLD"}}), "SERIAL_DUPLICATE", "/drive/serial"},
        {"serial of 21", "hotplugDisk", drive(fresh, {{"serial", "123456789012345678901"}}),
            "SERIAL_TOO_LONG", "/drive/serial"},
        {"serial with a space", "hotplugDisk", drive(fresh, {{"serial", "a b"}}), "INVALID_PARAMETER", "/drive/serial"},
        {"boot order of the CD-ROM", "hotplugDisk", drive(fresh, {{"bootOrder", "1"}}),
            "BOOT_ORDER_IN_USE", "/drive/bootOrder"},
        {"address taken", "hotplugDisk", drive(fresh, {{"address", pciAddress(takenBus)}}),
            "ADDRESS_IN_USE", "/drive/address"},
        {"pcie.0 slot 0x0c", "hotplugDisk", drive(fresh, {{"address", pciAddress(0, 0x0c)}}),
            "ADDRESS_NOT_USABLE", "/drive/address"},
        {"no such bus", "hotplugDisk", drive(fresh, {{"address", pciAddress(40)}}),
            "ADDRESS_NOT_USABLE", "/drive/address"},
        {"slot 1 of a port", "hotplugDisk", drive(fresh, {{"address", pciAddress(9, 1)}}),
            "ADDRESS_NOT_USABLE", "/drive/address"},
        {"PCI for SCSI", "hotplugDisk", drive(fresh, {{"iface", "scsi"}, {"address", pciAddress(9)}}),
            "INVALID_PARAMETER", "/drive/address"},
        {"SCSI unit taken", "hotplugDisk", drive(fresh, {{"iface", "scsi"}, {"address", scsiAddress(0)}}),
            "ADDRESS_IN_USE", "/drive/address"},
        {"a GUID", "hotplugDisk", object({{"drive", object({{"GUID", "3600a"}, {"format", "raw"}})}}),
            "SOURCE_NOT_ALLOWED", "/drive/GUID"},
        {"unknown", "hotunplugDisk", deviceId("nobody"), "DEVICE_NOT_FOUND", "/deviceId"},
        {"unknown source", "hotunplugDisk", drive(fresh), "DEVICE_NOT_FOUND", "/drive"},
        {"source and serial of two disks", "hotunplugDisk", drive(given.image("cold"), {{"serial", "TWIN"}}),
            "DEVICE_NOT_FOUND", "/drive"},
        {"two with this serial", "hotunplugDisk", object({{"drive", object({{"serial", "TWIN"}})}}),
            "AMBIGUOUS_DEVICE", "/drive"},
        {"nothing named", "hotunplugDisk", object({{"drive", object({})}}), "MISSING_PARAMETER", "/drive/deviceId"},
        {"SATA", "hotunplugDisk", object({{"alias", "sata0-0-3"}}), "BUS_NOT_HOTPLUGGABLE", "/alias"},
        {"a NIC's alias", "hotunplugDisk", object({{"alias", "net0"}}), "DEVICE_NOT_FOUND", "/alias"},
        {"no such bridge", "hotplugNic", nic("hpnowhere"), "NETWORK_NOT_FOUND", "/nic/network"},
        {"loopback is no bridge", "hotplugNic", nic("lo"), "NETWORK_NOT_FOUND", "/nic/network"},
        {"MAC taken", "hotplugNic", nic(bridge, {{"macAddr", "52:54:00:00:00:01"}}), "MAC_DUPLICATE", "/nic/macAddr"},
        {"boot order taken", "hotplugNic", nic(bridge, {{"bootOrder", 1}}), "BOOT_ORDER_IN_USE", "/nic/bootOrder"},
        {"address taken", "hotplugNic", nic(bridge, {{"address", pciAddress(takenBus)}}),
            "ADDRESS_IN_USE", "/nic/address"},
        {"unknown MAC", "hotunplugNic", nic(bridge, {{"macAddr", "52:54:00:00:00:99"}}), "DEVICE_NOT_FOUND", "/nic"},
        {"a disk's id", "hotunplugNic", deviceId("mine"), "DEVICE_NOT_FOUND", "/deviceId"},
    });

    // A free one that is asked for is used.
    const auto reply = given.vm.must("hotplugDisk", drive(fresh, {{"address", pciAddress(9)}}));
    CHECK(addressText(reply["device"]["address"]) == "0000:09:00.0");
    CHECK(reply["device"]["target"] == "vdd");

    const auto engine = given.daemon.call("VM.hotplugDisk", object({{"vmID", given.vm.id()},
        {"params", with(drive(fresh), {{"vmId", "00000000-0000-4000-8000-000000000000"}})}}));
    CHECK(engine.reason() == "INVALID_PARAMETER");
}

TEST_CASE("A4 K5 R5 R6 R8: an image that is missing, forbidden or not as declared is refused", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    const auto in = [&](const char* name) { return (host.imageRoot() / name).string(); };
    const auto out = [&](const char* name) { return (host.outside() / name).string(); };
    const auto secret = makeRaw(out("secret.img"));
    fs::create_symlink(secret, in("link.img"));
    fs::create_directory_symlink(host.outside(), in("folder"));
    makeQcow2(in("above.qcow2"), 4, secret);
    makeQcow2(in("above-link.qcow2"), 4, "link.img");
    makeQcow2(in("above-nothing.qcow2"), 4, "nothing.img");
    makeQcow2(in("real.qcow2"));
    makeRaw(in("real.img"));
    ::mkfifo(in("pipe").c_str(), 0600);
    const auto qcow2 = [](const std::string& path) { return drive(path, {{"format", "qcow2"}}); };

    requireRefused(vm, {
        {"missing", "hotplugDisk", drive(in("nothing.img")), "SOURCE_NOT_FOUND", "/drive/path"},
        {"outside", "hotplugDisk", drive(secret), "SOURCE_NOT_ALLOWED", "/drive/path"},
        {"outside and missing", "hotplugDisk", drive(out("nothing")), "SOURCE_NOT_ALLOWED", "/drive/path"},
        {"link to outside", "hotplugDisk", drive(in("link.img")), "SOURCE_NOT_ALLOWED", "/drive/path"},
        {"through a linked folder", "hotplugDisk", drive(in("folder/secret.img")), "SOURCE_NOT_ALLOWED", "/drive/path"},
        {"with ..", "hotplugDisk", drive(in("../outside/secret.img")), "INVALID_PARAMETER", "/drive/path"},
        {"relative", "hotplugDisk", drive("real.img"), "INVALID_PARAMETER", "/drive/path"},
        {"backing file outside", "hotplugDisk", qcow2(in("above.qcow2")), "SOURCE_NOT_ALLOWED", "/drive/path"},
        {"backing file behind a link", "hotplugDisk", qcow2(in("above-link.qcow2")),
            "SOURCE_NOT_ALLOWED", "/drive/path"},
        {"backing file missing", "hotplugDisk", qcow2(in("above-nothing.qcow2")), "SOURCE_NOT_FOUND", "/drive/path"},
        {"a folder", "hotplugDisk", drive(host.imageRoot()), "SOURCE_NOT_ALLOWED", "/drive/path"},
        {"a pipe", "hotplugDisk", drive(in("pipe")), "SOURCE_NOT_ALLOWED", "/drive/path"},
        {"a device", "hotplugDisk", drive("/dev/zero"), "SOURCE_NOT_ALLOWED", "/drive/path"},
        {"qcow2 called raw", "hotplugDisk", drive(in("real.qcow2")), "FORMAT_MISMATCH", "/drive/format"},
        {"raw called qcow2", "hotplugDisk", qcow2(in("real.img")), "FORMAT_MISMATCH", "/drive/format"},
    });

    // QEMU's own lock speaks where no VM's document shows the use.
    TestVm other(daemon);
    other.start();
    other.must("hotplugDisk", drive(in("real.img")));
    const auto reply = vm.call("hotplugDisk", drive(in("real.img")));
    INFO(reply.text());
    CHECK(reply.reason() == "SOURCE_IN_USE");
    // K5: of a plug that failed nothing is left, not even inside QEMU.
    CHECK(vm.monitor().execute("query-named-block-nodes").find("real.img") == std::string::npos);
    CHECK(vm.liveXml().find("real.img") == std::string::npos);
    CHECK(vm.configXml().find("real.img") == std::string::npos);
    CHECK(vm.configXml().find("hotplugd:device") == std::string::npos);
    other.must("hotplugDisk", drive(makeRaw(in("shared.img")), {{"shared", "True"}}));
    vm.must("hotplugDisk", drive(in("shared.img"), {{"shared", "True"}}));
}
