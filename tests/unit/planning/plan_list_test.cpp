#include "disk_request.h"

using namespace hotplug;
using namespace hotplug::test;

namespace {

/// One disk of a list, by its own image.
struct Entry {
    DiskRequest disk;
    HostSource source;
};

Entry entry(const std::string& id, Bus bus = Bus::Virtio)
{
    Entry made{newDisk(bus), fileSource("/srv/images/" + id)};
    made.disk.id = idOf(id);
    made.disk.source = ImagePath{made.source.path};
    return made;
}

std::vector<Plan> plugAll(const Domain& domain, const std::vector<Entry>& entries,
    std::optional<bool> persist = std::nullopt)
{
    std::vector<Planner> planners;
    for (const auto& one : entries)
        planners.emplace_back([one, persist](const Domain& vm) { return plug(vm, one.disk, one.source, persist); });
    return planAll(planners, domain);
}

Refusal refusedAll(const Domain& domain, const std::vector<Entry>& entries)
{
    return refusalOf([&] { plugAll(domain, entries); });
}

Planner unplugging(const std::string& id)
{
    return [id](const Domain& vm) {
        DeviceQuery query;
        query.id = idOf(id);
        return planUnplug(vm, query, {}, std::nullopt);
    };
}

} // namespace

TEST_CASE("R2: addresses and targets advance over a list, live and in the definition")
{
    for (const auto persist : {true, false}) {
        CAPTURE(persist);
        const auto plans = plugAll(persistent(q35(4)), {entry("a"), entry("b", Bus::Scsi), entry("c"),
            entry("d", Bus::Scsi)}, persist);
        REQUIRE(plans.size() == 4);
        CHECK(plans[0].address == Address(PciAddress{.bus = 1}));
        CHECK(plans[1].address == Address(DriveAddress{0, 0, 0, 0}));
        CHECK(plans[2].address == Address(PciAddress{.bus = 2}));
        CHECK(plans[3].address == Address(DriveAddress{0, 0, 0, 1}));
        CHECK(plans[0].target == "vda");
        CHECK(plans[1].target == "sda");
        CHECK(plans[2].target == "vdb");
        CHECK(plans[3].target == "sdb");
    }
}

TEST_CASE("R2: entries of a list that name the same source are refused, the later one at fault")
{
    auto twin = entry("b");
    twin.source = fileSource("/srv/images/a", {"/links/a", "/srv/images/a"});
    const auto refusal = refusedAll(persistent(q35(4)), {entry("a"), twin});
    CHECK(refusal.reason() == Reason::AlreadyPlugged);
    CHECK(refusal.field() == "/1/path");
    CHECK(refusal.conflictsWith() == "ua-a");
}

TEST_CASE("R2: entries of a list that are given the same place, name or order are refused")
{
    const auto domain = persistent(q35(4));
    struct Case {
        void (*change)(DiskRequest&);
        Reason reason;
        const char* field;
    };
    const auto one = GENERATE(
        Case{[](DiskRequest& disk) { disk.address = PciAddress{.bus = 3}; }, Reason::AddressInUse, "/1/address"},
        Case{[](DiskRequest& disk) { disk.serial = "S"; }, Reason::SerialDuplicate, "/1/serial"},
        Case{[](DiskRequest& disk) { disk.bootOrder = 3; }, Reason::BootOrderInUse, "/1/bootOrder"},
        Case{[](DiskRequest& disk) { disk.id = idOf("same"); }, Reason::AlreadyPlugged, "/1/deviceId"});
    auto first = entry("a"), second = entry("b");
    one.change(first.disk);
    one.change(second.disk);
    const auto refusal = refusedAll(domain, {first, second});
    CHECK(refusal.reason() == one.reason);
    CHECK(refusal.field() == one.field);
}

TEST_CASE("R2: a refusal without a field of its own has the entry's, and counts what fits before the list")
{
    const auto refusal = refusedAll(persistent(q35(1)), {entry("a"), entry("b")});
    CHECK(refusal.reason() == Reason::NoFreePciPort);
    CHECK(refusal.field() == "/1");
    CHECK(refusal.capacity().at("virtioDisks") == 1);
    CHECK(refusedAll(persistent(q35(0)), {entry("a")}).capacity().at("virtioDisks") == 0);
}

TEST_CASE("R2: an image is not plugged on a base that an entry before it writes to")
{
    auto top = entry("top");
    top.source.backing = {"/srv/images/base"};
    CHECK(refusedAll(persistent(q35(4)), {entry("base"), top}).field() == "/1/path");
}

TEST_CASE("R2: a list of unplugs names each device once")
{
    auto document = q35(4);
    fillPorts(document, 1, 2);
    const auto domain = persistent(document);
    const auto plans = planAll({unplugging("1"), unplugging("2")}, domain);
    REQUIRE(plans.size() == 2);
    CHECK(plans[1].alias.str() == "ua-2");
    const auto refusal = refusalOf([&] { planAll({unplugging("1"), unplugging("2"), unplugging("1")}, domain); });
    CHECK(refusal.reason() == Reason::InvalidParameter);
    CHECK(refusal.field() == "/2");
    CHECK(refusal.conflictsWith() == "ua-1");
    CHECK_THAT(refusal.what(), Catch::Contains("entry 0"));
}
