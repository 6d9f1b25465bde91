#include "disk_request.h"
#include "planning/planning.h"
#include "vm.h"

using namespace hotplug;
using namespace hotplug::test;

namespace {

constexpr auto mac = "52:54:00:00:00:0a";

DeviceRecord recordOf(const std::string& id, DeviceKind kind = DeviceKind::Disk)
{
    return {.id = idOf(id), .kind = kind, .plugged = true, .persist = true, .source = {}, .serial = {}, .mac = {},
        .address = {}};
}

/// The running VM has lost a disk and a NIC that its definition and records still have.
Domain vm()
{
    auto config = q35(8);
    auto& lost = addDisk(config, "vdc", "virtio", "ua-new", PciAddress{.bus = 5});
    lost.sources = {newSource().path};
    lost.serial = "new";
    addNic(config, mac, "ua-nic", PciAddress{.bus = 6}).source = "hp0";
    auto domain = running(q35(8), config);
    domain.records.devices = {recordOf("new"), recordOf("nic", DeviceKind::Nic)};
    return domain;
}

NicRequest lostNic()
{
    NicRequest nic;
    nic.id = idOf("nic");
    nic.network = "hp0";
    return nic;
}

DeviceQuery query(const std::string& id)
{
    DeviceQuery one;
    one.id = idOf(id);
    return one;
}

} // namespace

TEST_CASE("K8: a disk that the running VM has lost is plugged again where its definition has it")
{
    const auto plan = plug(vm(), newDisk());
    CHECK(plan.address == Address(PciAddress{.bus = 5}));
    CHECK(plan.target == "vdc");
    CHECK_FALSE(plan.persist);                          // the definition has it
    CHECK(plan.record->persist);
    CHECK(planned(plan).alias == Alias("ua-new"));
}

TEST_CASE("K8: a NIC that the running VM has lost is plugged again with its MAC address")
{
    const auto plan = planPlugNic(vm(), lostNic(), std::nullopt);
    CHECK(plan.address == Address(PciAddress{.bus = 6}));
    CHECK(plan.record->mac == mac);
    CHECK_FALSE(plan.persist);
    CHECK(plan.record->persist);
}

TEST_CASE("K8: another device by the name of a lost one is refused")
{
    const auto other = GENERATE(0, 1, 2, 3);
    auto disk = newDisk(other == 0 ? Bus::Scsi : Bus::Virtio);
    auto domain = vm();
    if (other == 1)
        disk.serial = "OTHER";
    if (other == 2)
        disk.address = PciAddress{.bus = 7};
    if (other == 3)
        domain.config->disks.front().sources = {"/srv/images/other.img"};
    CAPTURE(other);
    const auto refusal = refused(domain, disk);
    CHECK(refusal.reason() == Reason::AlreadyPlugged);
    CHECK(refusal.conflictsWith() == "ua-new");
}

TEST_CASE("K8: another NIC by the name of a lost one is refused")
{
    auto nic = lostNic();
    SECTION("on another bridge") { nic.network = "hp1"; }
    SECTION("with another MAC address") { nic.mac = macOf("52:54:00:00:00:0b"); }
    CHECK(refusalOf([&] { planPlugNic(vm(), nic, std::nullopt); }).reason() == Reason::AlreadyPlugged);
}

TEST_CASE("K8: what others have put into the definition is not plugged as ours")
{
    auto domain = vm();
    domain.records.devices.clear();
    CHECK(refused(domain, newDisk()).reason() == Reason::AlreadyPlugged);
}

TEST_CASE("K8: an unplug of what neither document has clears its record away")
{
    auto domain = running(q35(8), q35(8));
    auto record = recordOf("gone");
    record.source = "/i/gone";
    record.serial = "S";
    domain.records.devices = {record, recordOf("other")};
    const auto named = GENERATE(0, 1, 2, 3);
    CAPTURE(named);
    DeviceQuery one;
    std::vector<std::string> names;
    if (named == 0)
        one = query("gone");
    if (named == 1)
        one.alias = Alias("ua-gone");
    if (named == 2)
        one.serial = "S";
    if (named == 3) {
        one.source = ImagePath{"/i/gone"};
        names = {"/i/gone"};
    }
    const auto plan = planUnplug(domain, one, names, std::nullopt);
    CHECK(plan.alias == Alias("ua-gone"));
    CHECK(plan.device == idOf("gone"));
    CHECK(plan.persist);
}

TEST_CASE("K8: a record that is not of a lost device stays")
{
    auto domain = running(q35(8), q35(8));
    domain.records.devices = {recordOf("gone")};
    auto& record = domain.records.devices.front();
    SECTION("unplugged") { record.plugged = false; }
    SECTION("gone with a stop of the VM, as was meant") { record.persist = false; }
    CHECK(refusalOf([&] { planUnplug(domain, query("gone"), {}, std::nullopt); }).reason() == Reason::NotPlugged);
}
