#include "planning/planning.h"
#include "vm.h"

using namespace hotplug;
using namespace hotplug::test;

namespace {

constexpr auto macA = "52:54:00:00:00:0a", macB = "52:54:00:00:00:0b";

/// Two disks and two NICs, one of each ours, the others' without an alias in the definition.
Definition document(bool live)
{
    auto vm = q35(8);
    auto& root = addDisk(vm, "vda", "virtio", "ua-root", PciAddress{.bus = 1});
    root.sources = live ? std::vector<std::string>{"/i/top", "/i/mid", "/i/base"} : std::vector<std::string>{"/i/mid"};
    root.serial = "R";
    addDisk(vm, "vdb", "virtio", live ? "virtio-disk1" : "", PciAddress{.bus = 2}).sources = {"/i/foreign"};
    addDisk(vm, "sda", "scsi", "ua-data", DriveAddress{0, 0, 0, 3}).sources = {"/i/data"};
    addDisk(vm, "sdb", "sata", live ? "sata0-0-1" : "").sources = {"/i/iso"};
    addNic(vm, macA, "ua-nic", PciAddress{.bus = 3});
    addNic(vm, macB, live ? "net1" : "", PciAddress{.bus = 4});
    return vm;
}

Domain vm()
{
    return running(document(true), document(false));
}

DeviceQuery disk()
{
    return {};
}

DeviceQuery nic()
{
    DeviceQuery query;
    query.kind = DeviceKind::Nic;
    return query;
}

template<typename Change> DeviceQuery with(DeviceQuery query, Change&& change)
{
    change(query);
    return query;
}

Plan unplug(const Domain& domain, const DeviceQuery& query, std::optional<bool> persist = std::nullopt)
{
    std::vector<std::string> names;
    if (query.source)
        names.push_back(std::get<ImagePath>(*query.source).path);
    return planUnplug(domain, query, names, persist);
}

std::string aliasOf(const DeviceQuery& query)
{
    return unplug(vm(), query).alias.str();
}

Refusal refused(const Domain& domain, const DeviceQuery& query)
{
    return refusalOf([&] { unplug(domain, query); });
}

} // namespace

TEST_CASE("R2: a disk is found by id, alias, serial, address or the path of any layer of its live chain")
{
    CHECK(aliasOf(with(disk(), [](auto& q) { q.id = idOf("root"); })) == "ua-root");
    CHECK(aliasOf(with(disk(), [](auto& q) { q.alias = Alias("ua-root"); })) == "ua-root");
    CHECK(aliasOf(with(disk(), [](auto& q) { q.alias = Alias("virtio-disk1"); })) == "virtio-disk1");
    CHECK(aliasOf(with(disk(), [](auto& q) { q.serial = "R"; })) == "ua-root");
    CHECK(aliasOf(with(disk(), [](auto& q) { q.address = DriveAddress{0, 0, 0, 3}; })) == "ua-data");
    CHECK(aliasOf(with(disk(), [](auto& q) { q.address = PciAddress{.bus = 2}; })) == "virtio-disk1");
    for (const auto* path : {"/i/top", "/i/mid", "/i/base"}) {
        CAPTURE(path);
        CHECK(aliasOf(with(disk(), [&](auto& q) { q.source = ImagePath{path}; })) == "ua-root");
    }
}

TEST_CASE("R2: a disk is found by the name that it was plugged by, which may be a link")
{
    auto domain = vm();
    domain.records.devices.push_back({.id = idOf("data"), .kind = DeviceKind::Disk, .plugged = true, .persist = true,
        .source = "/link/to/data", .serial = {}, .mac = {}, .address = {}});
    const auto query = with(disk(), [](auto& q) { q.source = ImagePath{"/link/to/data"}; });
    CHECK(unplug(domain, query).alias.str() == "ua-data");
    CHECK(refused(vm(), query).reason() == Reason::DeviceNotFound);
}

TEST_CASE("R2: a NIC is found by id, alias, MAC or address")
{
    CHECK(aliasOf(with(nic(), [](auto& q) { q.id = idOf("nic"); })) == "ua-nic");
    CHECK(aliasOf(with(nic(), [](auto& q) { q.alias = Alias("net1"); })) == "net1");
    CHECK(aliasOf(with(nic(), [](auto& q) { q.mac = macOf(macB); })) == "net1");
    CHECK(aliasOf(with(nic(), [](auto& q) { q.address = PciAddress{.bus = 3}; })) == "ua-nic");
}

TEST_CASE("R2: all that is named must agree with the device")
{
    const auto full = with(disk(), [](auto& q) {
        q.id = idOf("root");
        q.alias = Alias("ua-root");
        q.source = ImagePath{"/i/base"};
        q.serial = "R";
        q.address = PciAddress{.bus = 1};
    });
    CHECK(aliasOf(full) == "ua-root");
    const auto reasonWith = [&full](const auto& change) { return refused(vm(), with(full, change)).reason(); };
    CHECK(reasonWith([](auto& q) { q.id = idOf("data"); }) == Reason::DeviceNotFound);
    CHECK(reasonWith([](auto& q) { q.alias = Alias("ua-data"); }) == Reason::DeviceNotFound);
    CHECK(reasonWith([](auto& q) { q.source = ImagePath{"/i/data"}; }) == Reason::DeviceNotFound);
    CHECK(reasonWith([](auto& q) { q.serial = "S"; }) == Reason::DeviceNotFound);
    CHECK(reasonWith([](auto& q) { q.address = PciAddress{.bus = 2}; }) == Reason::DeviceNotFound);
    CHECK(reasonWith([](auto& q) { q.address = DriveAddress{0, 1, 0, 0}; }) == Reason::DeviceNotFound);
    const auto other = with(nic(), [](auto& q) { q.id = idOf("nic"), q.mac = macOf(macB); });
    CHECK(refused(vm(), other).reason() == Reason::DeviceNotFound);
}

TEST_CASE("R2: what only the other kind has never agrees, so it never takes a wrong device along")
{
    auto domain = vm();
    domain.live->disks.resize(1);
    domain.live->nics.resize(1);
    CHECK(refused(domain, with(disk(), [](auto& q) { q.mac = macOf(macA); })).reason() == Reason::DeviceNotFound);
    CHECK(refused(domain, with(nic(), [](auto& q) { q.serial = "R"; })).reason() == Reason::DeviceNotFound);
    CHECK(refused(domain, with(nic(), [](auto& q) { q.source = ImagePath{"/i/top"}; })).reason() == Reason::DeviceNotFound);
    CHECK(refused(vm(), with(nic(), [](auto& q) { q.id = idOf("root"); })).reason() == Reason::DeviceNotFound);
}

TEST_CASE("R2: several devices that agree are ambiguous")
{
    auto live = document(true);
    addDisk(live, "vdc", "virtio", "ua-twin").serial = "R";
    addNic(live, macA, "ua-other");
    const auto domain = running(live, document(false));
    const auto disks = refused(domain, with(disk(), [](auto& q) { q.serial = "R"; }));
    CHECK(disks.reason() == Reason::AmbiguousDevice);
    CHECK(disks.conflictsWith() == "ua-root");
    CHECK_THAT(disks.what(), Catch::Contains("2 devices"));
    CHECK(refused(domain, with(nic(), [](auto& q) { q.mac = macOf(macA); })).reason() == Reason::AmbiguousDevice);
    CHECK_NOTHROW(unplug(domain, with(disk(), [](auto& q) { q.serial = "R", q.source = ImagePath{"/i/top"}; })));
}

TEST_CASE("R2: when nothing is named, nothing is unplugged")
{
    CHECK(refused(vm(), disk()).reason() == Reason::MissingParameter);
    CHECK(refused(vm(), nic()).reason() == Reason::MissingParameter);
}

TEST_CASE("A2: what the VM knows but runs without is not plugged; what it does not know is not found")
{
    auto live = document(true);
    std::erase_if(live.disks, [](const auto& one) { return one.target == "sda"; });
    std::erase_if(live.nics, [](const auto& one) { return one.mac == macOf(macA); });
    auto domain = running(live, document(false));
    CHECK(refused(domain, with(disk(), [](auto& q) { q.source = ImagePath{"/i/data"}; })).reason() == Reason::NotPlugged);
    CHECK(refused(domain, with(nic(), [](auto& q) { q.mac = macOf(macA); })).reason() == Reason::NotPlugged);
    CHECK(refused(domain, with(disk(), [](auto& q) { q.id = idOf("gone"); })).reason() == Reason::DeviceNotFound);
    CHECK(refused(domain, with(disk(), [](auto& q) { q.source = ImagePath{"/i/nowhere"}; })).reason() == Reason::DeviceNotFound);
    domain.records.devices.push_back({.id = idOf("gone"), .kind = DeviceKind::Disk, .plugged = false, .persist = true,
        .source = {}, .serial = {}, .mac = {}, .address = {}});
    CHECK(refused(domain, with(disk(), [](auto& q) { q.id = idOf("gone"); })).reason() == Reason::NotPlugged);
    CHECK(refused(domain, with(disk(), [](auto& q) { q.alias = Alias("ua-gone"); })).reason() == Reason::NotPlugged);
}

TEST_CASE("K8: a device of ours that the definition alone has is cleared from it when it is named, its record lost or not")
{
    auto live = document(true);
    std::erase_if(live.disks, [](const auto& one) { return one.target == "sda"; });
    const auto domain = running(live, document(false));
    const auto named = with(disk(), [](auto& q) { q.id = idOf("data"); });
    REQUIRE_FALSE(domain.records.find(idOf("data")));
    const auto plan = unplug(domain, named);
    CHECK(plan.alias == Alias("ua-data"));
    CHECK(plan.persist);
    CHECK(refusalOf([&] { planUnplug(domain, named, {}, false); }).reason() == Reason::NotPlugged);
}

TEST_CASE("C1: a disk on a bus without hot plug stays")
{
    const auto refusal = refused(vm(), with(disk(), [](auto& q) { q.alias = Alias("sata0-0-1"); }));
    CHECK(refusal.reason() == Reason::BusNotHotpluggable);
    CHECK(refusal.conflictsWith() == "sata0-0-1");
}

TEST_CASE("A1: the plan to unplug our disk says all that acting needs")
{
    const auto plan = unplug(vm(), with(disk(), [](auto& q) { q.source = ImagePath{"/i/base"}; }));
    CHECK(plan.vm == vm().live->uuid);
    CHECK(plan.goal == Goal::Unplug);
    CHECK(plan.kind == DeviceKind::Disk);
    CHECK(plan.device == idOf("root"));
    CHECK(plan.address == Address(PciAddress{.bus = 1}));
    CHECK(plan.target == "vda");
    CHECK(plan.persist);
    CHECK(plan.deviceXml.empty());
    CHECK(plan.configTwin.empty());
}

TEST_CASE("A1: the plan to unplug our device says what leaves: a disk's top layer, a NIC's bridge and MAC")
{
    const auto disks = unplug(vm(), with(disk(), [](auto& q) { q.id = idOf("root"); }));
    REQUIRE(disks.record);
    CHECK(disks.record->id == idOf("root"));
    CHECK(disks.record->kind == DeviceKind::Disk);
    CHECK(disks.record->source == "/i/top");
    CHECK(disks.record->serial == "R");
    const auto nics = unplug(vm(), with(nic(), [](auto& q) { q.id = idOf("nic"); }));
    REQUIRE(nics.record);
    CHECK(nics.record->kind == DeviceKind::Nic);
    CHECK(nics.record->source == "blue");
    CHECK(nics.record->mac == macA);
    CHECK_FALSE(unplug(vm(), with(nic(), [](auto& q) { q.mac = macOf(macB); })).record);
}

TEST_CASE("A disk that others attached has no id, and its twin in the definition has the same target and source")
{
    const auto query = with(disk(), [](auto& q) { q.alias = Alias("virtio-disk1"); });
    const auto plan = unplug(vm(), query);
    CHECK_FALSE(plan.device);
    CHECK_THAT(plan.configTwin, Catch::Contains("vdb") && Catch::Contains("/i/foreign"));
    CHECK(unplug(vm(), query, false).configTwin.empty());
}

TEST_CASE("A disk with the same target but another source is no twin")
{
    auto config = document(false);
    config.disks.at(1).sources = {"/i/something-else"};
    const auto query = with(disk(), [](auto& q) { q.alias = Alias("virtio-disk1"); });
    CHECK(unplug(running(document(true), config), query).configTwin.empty());
    config.disks.at(1).sources = {};
    CHECK(unplug(running(document(true), config), query).configTwin.empty());
}

TEST_CASE("A disk that got a snapshot since is still its definition's twin")
{
    auto live = document(true);
    live.disks.at(1).sources = {"/i/snapshot", "/i/foreign"};
    const auto query = with(disk(), [](auto& q) { q.source = ImagePath{"/i/snapshot"}; });
    CHECK_THAT(unplug(running(live, document(false)), query).configTwin, Catch::Contains("/i/foreign"));
}

TEST_CASE("A NIC that others attached has its twin where MAC and address are the same")
{
    const auto query = with(nic(), [](auto& q) { q.mac = macOf(macB); });
    const auto plan = unplug(vm(), query);
    CHECK_FALSE(plan.device);
    CHECK(plan.alias.str() == "net1");
    CHECK(plan.target.empty());
    CHECK_THAT(plan.configTwin, Catch::Contains(macB));
    auto config = document(false);
    config.nics.at(1).address = PciAddress{.bus = 7};
    CHECK(unplug(running(document(true), config), query).configTwin.empty());
}
