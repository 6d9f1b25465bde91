#include "hypervisor/timely_reads.h"

#include "support/catch.h"
#include "support/fake_hypervisor.h"
#include "support/sample_vm.h"

#include <future>
#include <thread>

using namespace hotplug;
using namespace hotplug::test;

namespace {

/// Some running VMs of a libvirt whose reads have a limit.
struct World {
    explicit World(milliseconds limit) : reads(fake, limit)
    {
        for (int i = 0; i < 5; ++i)
            vms.push_back(fake.addVm(sampleVm(Uuid::random(), "vm" + std::to_string(i))));
    }
    ~World()
    {
        for (const auto& vm : vms)
            fake.release(vm);
    }

    /// How the call ends that must fail.
    template<typename Call> ErrorKind errorOf(Call&& call)
    {
        try {
            call();
        } catch (const HypervisorError& error) {
            return error.kind();
        }
        FAIL("it was answered");
        return ErrorKind::Other;
    }
    ErrorKind errorOfReading(std::size_t vm) { return errorOf([&] { reads.read(vms[vm]); }); }

    FakeHypervisor fake{FakeHypervisor::Delivery::Manual};
    std::vector<Uuid> vms;
    TimelyReads reads;
};

constexpr milliseconds plenty{30'000}, little{50};
constexpr auto Everything = FakeHypervisor::Hang::Everything;

} // namespace

TEST_CASE("K6: reads pass through, and so do their errors")
{
    World world(plenty);
    CHECK(world.reads.vms().size() == 5);
    CHECK(world.reads.find("vm0") == world.vms[0]);
    CHECK(world.reads.read(world.vms[0]).live);
    CHECK(world.errorOf([&] { world.reads.read(Uuid::random()); }) == ErrorKind::NoDomain);
    world.fake.disconnect();
    CHECK(world.errorOfReading(0) == ErrorKind::Unavailable);
    CHECK_FALSE(world.reads.connected());
}

TEST_CASE("K6: a read that libvirt does not answer is given up, and the VM is not asked again before it answers")
{
    World world(little);
    world.fake.hang(world.vms[0], Everything);
    CHECK(world.errorOfReading(0) == ErrorKind::Unavailable);
    CHECK(world.errorOfReading(0) == ErrorKind::Unavailable);
    CHECK(world.errorOf([&] { world.reads.vms(); }) == ErrorKind::Unavailable);
    CHECK(world.fake.count(Method::Read) == 1);
    CHECK(world.fake.count(Method::Vms) == 1);
    CHECK(world.fake.blocked() == 2);
    world.fake.release(world.vms[0]);
    CHECK(world.reads.stop(plenty));
}

TEST_CASE("K6: a VM that libvirt keeps locked delays no read of another")
{
    World world(plenty);
    world.fake.hang(world.vms[0], Everything);
    auto stuck = std::async(std::launch::async, [&] { return world.reads.read(world.vms[0]).live.has_value(); });
    while (world.fake.blocked() == 0)
        std::this_thread::yield();
    for (int i = 1; i < 5; ++i)
        CHECK(world.reads.read(world.vms[static_cast<std::size_t>(i)]).live);
    CHECK(world.fake.blocked() == 1);
    world.fake.release(world.vms[0]);
    CHECK(stuck.get());
}

TEST_CASE("K6: when libvirt answers four reads no more, nothing is asked before one comes back")
{
    World world(little);
    for (const auto& vm : world.vms)
        world.fake.hang(vm, Everything);
    for (std::size_t i = 0; i < world.vms.size(); ++i)
        CHECK(world.errorOfReading(i) == ErrorKind::Unavailable);
    CHECK(world.fake.count(Method::Read) == 4);
}
