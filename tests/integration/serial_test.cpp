#include "requests.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/test_vm.h"

// What the guest sees of a serial, and what becomes of the rest.

using namespace hotplug::test;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t onVirtio = 20;
const std::string pool = "5849b030-626e-47cb-ad90-3ce782d831b3", domain = "f8a8c9a4-6a6f-4e0c-93b4-7a0a1f1b9c11",
                  image = "c8cf4f1d-0ae6-4ff5-a4b3-8f9b7b2f6e21", volume = "0e5ad3b7-1ce9-4d3c-9c5a-4b2f0e6c7d88";

/// Plugs; the guest must say just what the reply foretells.
Json::Value plugAndCompare(TestVm& vm, const Json::Value& params, const std::string& serial, std::size_t carried)
{
    const auto mark = vm.console().mark();
    const auto device = vm.must("hotplugDisk", params)["device"];
    const auto seen = serial.substr(0, carried);
    CHECK(device["serial"] == serial);
    CHECK(device["guestSerial"].asString() == (seen == serial ? "" : seen));
    vm.console().waitFor(mark, "add disk", {{"serial", seen}});
    CHECK(vm.device(device["deviceId"].asString())["serial"] == serial);
    return device;
}

} // namespace

TEST_CASE("C9 R4 A4: a default serial is written whole, and the guest sees as much as its bus carries", "[integration]")
{
    TestHost host;
    const auto dataCenter = host.path() / "storage/rhev";
    const auto folder = dataCenter / pool / domain / "images" / image;
    fs::create_directories(folder);
    makeRaw(folder / volume);
    Hotplugd daemon(host, {"--data-center-root", dataCenter});
    TestVm vm(daemon);
    vm.boot();

    // The UUIDv5 of VM and source, known by a dry run.
    const auto plain = drive(makeRaw(host.imageRoot() / "1.img"));
    const auto derived = vm.must("hotplugDisk", with(plain, {{"dryRun", true}}))["plan"]["deviceId"].asString();
    CHECK(derived.size() == 36);
    CHECK(derived[14] == '5');
    plugAndCompare(vm, plain, derived, onVirtio);

    const std::string id = "an-id-of-more-than-20-characters";
    plugAndCompare(vm, drive(makeRaw(host.imageRoot() / "2.img"), {{"deviceId", id}}), id, onVirtio);

    const std::string scsi = "an-id-of-more-than-20-that-differs";
    plugAndCompare(vm, drive(makeRaw(host.imageRoot() / "3.img"), {{"deviceId", scsi}, {"iface", "scsi"}}), scsi, 36);

    const auto quartet = object({{"drive", object({{"poolID", pool}, {"domainID", domain}, {"imageID", image},
        {"volumeID", volume}, {"format", "raw"}})}});
    const auto device = plugAndCompare(vm, quartet, image, onVirtio);
    CHECK(device["source"].asString() == (folder / volume).string());
    const auto mark = vm.console().mark();
    vm.must("hotunplugDisk", quartet);
    vm.console().waitFor(mark, "del disk", {{"serial", image.substr(0, onVirtio)}});
}

TEST_CASE("C9 R5 R8: serials that are too long, or that the guest could not tell apart, are refused", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    const std::string twenty = "ABCDEFGHIJ0123456789", thirtySix = twenty + "ABCDEFGHIJ-_.+12";
    REQUIRE(thirtySix.size() == 36);
    unsigned count = 0;
    const auto fresh = [&](Members more) {
        return drive(makeRaw(host.imageRoot() / (std::to_string(++count) + ".img")), more);
    };
    vm.must("hotplugDisk", fresh({{"serial", twenty}}));
    vm.must("hotplugDisk", fresh({{"serial", thirtySix}, {"iface", "scsi"}}));      // the guest can tell these two

    struct Case {
        Json::Value params;
        const char* reason;
    };
    for (const auto& [params, reason] : {
             Case{fresh({{"serial", twenty + "x"}}), "SERIAL_TOO_LONG"},
             {fresh({{"serial", thirtySix + "x"}, {"iface", "scsi"}}), "SERIAL_TOO_LONG"},
             {fresh({{"serial", "a b"}}), "INVALID_PARAMETER"},
             {fresh({{"serial", "a&b"}, {"iface", "scsi"}}), "INVALID_PARAMETER"},
             {fresh({{"serial", twenty}}), "SERIAL_DUPLICATE"},
             {fresh({{"serial", twenty}, {"iface", "scsi"}}), "SERIAL_DUPLICATE"},
             {fresh({{"serial", thirtySix}, {"iface", "scsi"}}), "SERIAL_DUPLICATE"},
             {fresh({{"deviceId", twenty + "-default-cut-to-the-same"}}), "SERIAL_DUPLICATE"}}) {
        const auto reply = vm.call("hotplugDisk", params);
        INFO(reply.text());
        CHECK(reply.reason() == reason);
        CHECK(reply.outcome() == "refused");
        CHECK(reply.error["data"]["field"] == "/drive/serial");
    }
    vm.must("hotplugDisk", fresh({{"deviceId", twenty + "-default-on-scsi"}, {"iface", "scsi"}}));
}
