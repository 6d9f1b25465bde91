#include "support/catch.h"
#include "turn_world.h"

using namespace hotplug;
using namespace hotplug::test;
using namespace std::chrono_literals;

namespace {

using Kind = QemuBackend::Kind;

Plan planOf(DeviceKind kind)
{
    Plan plan;
    plan.kind = kind;
    plan.alias = Alias("ua-red");
    return plan;
}

std::vector<std::string> names(const QemuLeftovers& found)
{
    std::vector<std::string> all;
    for (const auto& backend : found.backends)
        all.push_back(backend.name);
    return all;
}

} // namespace

TEST_CASE("K5: block nodes that no disk of the live XML accounts for are leftovers")
{
    Definition live;
    live.storageNumbers = {1, 12};
    const QemuView qemu{{Alias("pci.1"), Alias("ua-red")},
        {{Kind::BlockNode, "libvirt-1-storage"}, {Kind::BlockNode, "libvirt-12-format"},
            {Kind::BlockNode, "libvirt-2-storage"}, {Kind::BlockNode, "libvirt-2-format"},
            {Kind::Secret, "libvirt-2-storage-auth-secret0"}, {Kind::Netdev, "hostua-red"}}};
    const auto found = findLeftovers(qemu, planOf(DeviceKind::Disk), live);
    CHECK(found.device);
    CHECK(names(found)
        == std::vector<std::string>{"libvirt-2-storage", "libvirt-2-format", "libvirt-2-storage-auth-secret0"});
    CHECK_FALSE(found.none());
}

TEST_CASE("K5: of a NIC only its own host side is a leftover")
{
    const QemuView qemu{{Alias("pci.1")},
        {{Kind::BlockNode, "libvirt-9-storage"}, {Kind::Netdev, "hostua-blue"}, {Kind::Netdev, "hostua-red"}}};
    const auto found = findLeftovers(qemu, planOf(DeviceKind::Nic), {});
    CHECK_FALSE(found.device);
    CHECK(names(found) == std::vector<std::string>{"hostua-red", "tapfd-ua-red", "vhostfd-ua-red"});
}

TEST_CASE("K4 K5: what a libvirt that died in an attach left in QEMU is taken out before the plug has failed")
{
    for (const auto effect : {Effect::Orphan, Effect::OrphanBackend}) {
        TurnWorld world(true);
        world.fake.failNext(Method::Attach, ErrorKind::Unavailable, effect);
        const auto change = world.plug();
        world.run(*change, 5s);
        REQUIRE(change->settled());
        CHECK(change->state().outcome == Outcome::Failed);
        CHECK(change->state().reason == Reason::LibvirtUnavailable);
        CHECK(world.fake.orphans(world.vm) == 0);
        CHECK(world.fake.count(Method::UnplugFromQemu) == (effect == Effect::Orphan ? 1 : 0));
        world.run(*world.plug(), 5s);
        CHECK(world.whole(true));
    }
}

TEST_CASE("K4 K5: a leftover that the guest does not give back keeps the plug pending, and its storage held")
{
    TurnWorld world(true);
    world.fake.failNext(Method::Attach, ErrorKind::Unavailable, Effect::Orphan);
    world.fake.scriptUnplug(world.vm, {.asks = 0});
    auto change = world.plug();
    world.run(*change, 5min);
    CHECK_FALSE(change->settled());
    CHECK(world.journal.find(change->id())->outcome == Outcome::Pending);
    CHECK(world.fake.count(Method::DropFromQemu) == 0);

    change = world.reborn(*change);
    world.fake.scriptUnplug(world.vm, {});
    world.run(*change, 1min);
    REQUIRE(change->settled());
    CHECK(change->state().outcome == Outcome::Failed);
    CHECK(world.fake.orphans(world.vm) == 0);
    CHECK(world.nowhere());
}

TEST_CASE("K4: QEMU is not asked when libvirt has answered")
{
    TurnWorld world(true);
    world.fake.failNext(Method::Attach, ErrorKind::SourceInUse);
    const auto change = world.plug();
    world.run(*change, 5s);
    CHECK(change->state().outcome == Outcome::Failed);
    CHECK(world.fake.count(Method::AskQemu) == 0);
}
