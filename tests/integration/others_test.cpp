#include "support/catch.h"
#include "support/libvirtd.h"
#include "support/nbd_server.h"
#include "virsh.h"
#include "whereabouts.h"

// What others do to a VM while an unplug of it is open: whatever that is, the unplug ends as what has happened.

using namespace hotplug::test;

namespace {

/// A guest that does not answer the unplug that it has been asked, before it is reset.
struct Ground {
    TestHost host;
    const Libvirtd libvirtd{host};
    Hotplugd daemon{host};
    TestVm vm{daemon, {.deaf = true}};
    const Subject disk = diskSubject(host, "d");
    std::string pending;

    Ground()
    {
        vm.boot();
        vm.must(disk.plugVerb, disk.plug);
        const auto reply = vm.call(disk.unplugVerb, with(deviceId("d"), {{"timeout", 300}}));
        INFO(reply.text());
        REQUIRE(reply.outcome() == "pending");
        pending = operationOf(object({{"error", reply.error}}));
    }

    void does(const std::vector<std::string>& words) const { mustVirsh(host, words); }

    std::string outcome() { return outcomeOf(daemon, pending); }
};

} // namespace

TEST_CASE("K3: a reset by others completes a pending unplug", "[integration]")
{
    Ground ground;
    ground.does({"reset", ground.vm.name()});
    CHECK(ground.outcome() == "done");
    CHECK(whereIs(ground.vm, ground.disk) == nowhere);
}

TEST_CASE("K10: a VM destroyed by others with an unplug open does not have the device when it starts again", "[integration]")
{
    Ground ground;
    ground.does({"destroy", ground.vm.name()});
    CHECK(ground.outcome() == "done");
    CHECK(ground.vm.configXml().find("ua-d") == std::string::npos);
    CHECK(ground.vm.configXml().find("hotplugd:device") == std::string::npos);
    const auto mark = ground.vm.console().mark();
    ground.does({"start", ground.vm.name()});
    ground.vm.console().waitFor(mark, "ready");
    CHECK(ground.vm.console().lines(mark, "add disk").empty());
}

TEST_CASE("K10: a VM that others undefine while it runs keeps its unplug open, and is done with it when it is gone", "[integration]")
{
    Ground ground;
    ground.does({"undefine", ground.vm.name()});
    CHECK(ground.vm.device("d")["state"] == "unplugging");
    const bool stops = GENERATE(true, false);
    ground.does({stops ? "destroy" : "reset", ground.vm.name()});
    CHECK(ground.outcome() == "done");
    if (stops)
        CHECK(ground.vm.call("listDevices", object({})).reason() == "VM_NOT_FOUND");
    else
        CHECK(whereIs(ground.vm, ground.disk) == nowhere);
}

TEST_CASE("K3 K10: a VM that is saved and restored with an unplug open has the device until it lets go", "[integration]")
{
    Ground ground;
    const auto name = ground.vm.name();
    const std::string file = ground.host.path() / "saved";
    const bool managed = GENERATE(true, false);
    managed ? ground.does({"managedsave", name}) : ground.does({"save", name, file});
    eventually("the VM is down", [&] { return ground.vm.status() == "Down"; });
    // Every look since then has found the device neither live nor gone.
    CHECK(ground.vm.call("hotplugDisk", ground.disk.plug).reason() == "VM_NOT_UP");
    CHECK(isOpen(ground.daemon, ground.pending));
    CHECK(ground.vm.configXml().find("ua-d") != std::string::npos);

    managed ? ground.does({"start", name}) : ground.does({"restore", file});
    eventually("the VM is up", [&] { return ground.vm.status() == "Up"; });
    CHECK(ground.vm.liveXml().find("ua-d") != std::string::npos);
    CHECK(isOpen(ground.daemon, ground.pending));
    ground.does({"reset", name});
    CHECK(ground.outcome() == "done");
    CHECK(ground.vm.liveXml().find("ua-d") == std::string::npos);
    CHECK(ground.vm.configXml().find("ua-d") == std::string::npos);
}

TEST_CASE("R6 K5: an image that another QEMU holds is refused by its lock, and free once it lets go", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    const auto disk = diskSubject(host, "d");
    {
        const NbdServer holder(disk.backend, "held");
        const auto reply = vm.call(disk.plugVerb, disk.plug);
        INFO(reply.text());
        CHECK(reply.reason() == "SOURCE_IN_USE");
        CHECK(reply.outcome() == "failed");
        CHECK(reply.code() == 45);
        CHECK(whereIs(vm, disk) == nowhere);
    }
    vm.must(disk.plugVerb, disk.plug);
    CHECK(whereIs(vm, disk) == everywhere);
}
