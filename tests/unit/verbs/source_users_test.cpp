#include "verbs/source_users.h"

#include "support/catch.h"
#include "support/fake_hypervisor.h"
#include "support/sample_vm.h"

using namespace hotplug;
using namespace hotplug::test;

namespace {

std::string diskXml(const std::string& path, const std::string& more = "")
{
    return "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='" + path
        + "'/><target dev='sda' bus='scsi'/>" + more + "<alias name='ua-a'/>"
          "<address type='drive' controller='0' bus='0' target='0' unit='0'/></disk>";
}

/// Two running VMs, and the question that the first one's lane asks.
struct World {
    World()
    {
        one = fake.addVm(sampleVm(Uuid::random(), "one"));
        two = fake.addVm(sampleVm(Uuid::random(), "two"));
    }

    std::vector<SourceUser> usersOf(const HostSource& source) { return users.of(source, one); }

    FakeHypervisor fake{FakeHypervisor::Delivery::Manual};
    Storage storage{{}};
    verbs::SourceUsers users{fake, storage};
    Uuid one, two;
};

} // namespace

TEST_CASE("R6: a disk of another running VM is a user of its image, one of the own VM is not")
{
    World world;
    world.fake.attach(world.one, Scope::Live, diskXml("/images/mine"));
    world.fake.attach(world.two, Scope::Live, diskXml("/images/theirs", "<shareable/>"));
    CHECK(world.usersOf(imageAt("/images/mine")).empty());
    const auto found = world.usersOf(imageAt("/images/theirs"));
    REQUIRE(found.size() == 1);
    CHECK(found.front().vm == world.two);
    CHECK(found.front().vmName == "two");
    CHECK(found.front().disk == "ua-a");
    CHECK(found.front().writes);
    CHECK(found.front().shareable);
}

TEST_CASE("R6: a backing file that another VM has as its disk is found, too")
{
    World world;
    world.fake.attach(world.two, Scope::Live, diskXml("/images/base", "<readonly/>"));
    auto source = imageAt("/images/overlay");
    source.backing = {"/images/base"};
    REQUIRE(world.usersOf(source).size() == 1);
    CHECK_FALSE(world.usersOf(source).front().writes);
}

TEST_CASE("Invariant 1: what changed is read once, what did not is not read again")
{
    World world;
    world.usersOf(imageAt("/images/x"));
    world.fake.forgetCalls();
    world.usersOf(imageAt("/images/x"));
    CHECK(world.fake.count(Method::Read) == 0);

    world.fake.attach(world.two, Scope::Live, diskXml("/images/x"));
    world.fake.deliverEvents();
    world.fake.forgetCalls();
    CHECK(world.usersOf(imageAt("/images/y")).empty());
    CHECK(world.fake.count(Method::Read) == 1);
    CHECK(world.usersOf(imageAt("/images/x")).size() == 1);
}

TEST_CASE("Invariant 1: a hit that is no longer true is no hit")
{
    World world;
    world.fake.attach(world.two, Scope::Live, diskXml("/images/x"));
    REQUIRE(world.usersOf(imageAt("/images/x")).size() == 1);
    world.fake.completeUnplug(world.two, Alias("ua-a"), false);
    CHECK(world.usersOf(imageAt("/images/x")).empty());
}

TEST_CASE("Invariant 1: a VM that cannot be read keeps the users it was known to have, and is read again the next time")
{
    World world;
    world.fake.attach(world.two, Scope::Live, diskXml("/images/x"));
    const auto failingOnce = [&] {
        world.fake.failNext(Method::Read, ErrorKind::Unavailable, Effect::None, 1);
        return world.usersOf(imageAt("/images/x")).size();
    };
    CHECK(failingOnce() == 0);                  // never seen so far
    CHECK(world.usersOf(imageAt("/images/x")).size() == 1);
    CHECK(failingOnce() == 1);
    world.fake.completeUnplug(world.two, Alias("ua-a"), false);
    CHECK(world.usersOf(imageAt("/images/x")).empty());
}

TEST_CASE("Invariant 1: after a loss of libvirt every VM is read again, and a failed list leaves it so")
{
    World world;
    world.usersOf(imageAt("/images/x"));
    world.fake.disconnect();
    world.fake.deliverEvents();
    world.fake.reconnect();
    world.fake.deliverEvents();
    world.fake.failNext(Method::Vms, ErrorKind::Unavailable);
    CHECK_THROWS_AS(world.usersOf(imageAt("/images/x")), HypervisorError);
    world.fake.forgetCalls();
    world.usersOf(imageAt("/images/x"));
    CHECK(world.fake.count(Method::Read) == 1);
}

TEST_CASE("R6: a disk that is being plugged, which a restart may have left to QEMU alone, is a user of its image")
{
    World world;
    Plan plan;
    plan.deviceXml = diskXml("/images/theirs");
    const auto usersWhilePlugging = [&](const Uuid& vm) {
        plan.vm = vm;
        return world.users.of(imageAt("/images/theirs"), world.one, {{Uuid::random(), std::make_shared<const Plan>(plan)}});
    };
    CHECK(usersWhilePlugging(world.one).empty());
    const auto found = usersWhilePlugging(world.two);
    REQUIRE(found.size() == 1);
    CHECK(found.front().vm == world.two);
    CHECK(found.front().writes);
    CHECK(world.users.of(imageAt("/images/mine"), world.one, {{Uuid::random(), std::make_shared<const Plan>(plan)}}).empty());
}
