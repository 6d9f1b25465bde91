#include "planning/planning.h"
#include "vm.h"

using namespace hotplug;
using namespace hotplug::test;

namespace {

const auto source = fileSource("/srv/images/new.img");

DiskRequest newDisk()
{
    DiskRequest disk;
    disk.id = idOf("new");
    disk.source = ImagePath{source.path};
    return disk;
}

NicRequest newNic()
{
    NicRequest nic;
    nic.network = "blue";
    nic.mac = macOf("52:54:00:00:00:99");
    return nic;
}

/// One VM with a disk `old`, in every planning call.
template<typename Check> void forEachGoal(const Domain& domain, std::optional<bool> persist, Check&& check)
{
    DeviceQuery query;
    query.id = idOf("old");
    check("plug a disk", [&] { return planPlugDisk(domain, newDisk(), {source, {}}, persist); });
    check("plug a NIC", [&] { return planPlugNic(domain, newNic(), persist); });
    check("unplug", [&] { return planUnplug(domain, query, {}, persist); });
}

Definition withOldDisk()
{
    auto document = q35(4);
    addDisk(document, "vda", "virtio", "ua-old", PciAddress{.bus = 1});
    return document;
}

} // namespace

TEST_CASE("A2: devices come and go only while the VM is Up")
{
    const auto status = GENERATE(VmStatus::Down, VmStatus::Paused, VmStatus::ShuttingDown, VmStatus::Crashed,
        VmStatus::Suspended);
    auto domain = persistent(withOldDisk());
    domain.status = status;
    if (status == VmStatus::Down)
        domain.live.reset();
    forEachGoal(domain, std::nullopt, [&](const char* goal, const auto& plan) {
        CAPTURE(goal, name(status));
        const auto refusal = refusalOf(plan);
        CHECK(refusal.reason() == Reason::VmNotUp);
        CHECK_THAT(refusal.what(), Catch::Contains("VM shop is " + std::string(name(status))));
    });
}

TEST_CASE("A2: a VM that is said to run, without a live document, is not Up")
{
    auto domain = persistent(withOldDisk());
    domain.live.reset();
    CHECK(refusalOf([&] { requireChangeable(domain); }).reason() == Reason::VmNotUp);
}

TEST_CASE("A9: a VM whose records cannot be read is not changed")
{
    auto domain = persistent(withOldDisk());
    domain.recordsProblem = "they are newer";
    forEachGoal(domain, std::nullopt, [&](const char* goal, const auto& plan) {
        CAPTURE(goal);
        const auto refusal = refusalOf(plan);
        CHECK(refusal.reason() == Reason::RecordUnreadable);
        CHECK(std::string(refusal.what()) == "they are newer");
    });
}

TEST_CASE("R3: what is asked of a persistent VM persists, unless the caller says otherwise")
{
    struct Case {
        std::optional<bool> asked;
        bool expected;
    };
    const auto [asked, expected] = GENERATE(Case{std::nullopt, true}, Case{true, true}, Case{false, false});
    forEachGoal(persistent(withOldDisk()), asked, [&, expected = expected](const char* goal, const auto& plan) {
        CAPTURE(goal);
        CHECK(plan().persist == expected);
    });
}

TEST_CASE("R3: nothing persists on a transient VM, and asking for it is refused")
{
    const auto domain = transient(withOldDisk());
    for (const auto asked : {std::optional<bool>(), std::optional(false)})
        forEachGoal(domain, asked, [&](const char* goal, const auto& plan) {
            CAPTURE(goal);
            CHECK_FALSE(plan().persist);
        });
    forEachGoal(domain, true, [&](const char* goal, const auto& plan) {
        CAPTURE(goal);
        const auto refusal = refusalOf(plan);
        CHECK(refusal.reason() == Reason::VmNotPersistent);
        CHECK(refusal.field() == "/persist");
    });
}
