#include "guests.h"
#include "requests.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/test_vm.h"
#include "watch.h"

using namespace hotplug::test;

TEST_CASE("K2 K1 K3 R6: a guest that is busy with its slot is asked again until it lets go", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.edit = useNativeHotplug});
    vm.boot();
    const auto disk = drive(makeRaw(host.imageRoot() / "d.img"), {{"deviceId", "early"}, {"serial", "early-1"}});
    vm.must("hotplugDisk", disk);

    // At once: the guest is still bringing the slot up and answers "busy"; then it takes 5 s over the button.
    const auto gone = vm.must("hotunplugDisk", disk);
    const auto kinds = kindsOf(operationAt(daemon, gone["operationId"].asString())["timeline"]);
    CHECK(Kinds(kinds.begin(), kinds.begin() + 3) == Kinds{"started", "busy", "requested"});
    CHECK(kinds.back() == "done");
    CHECK(vm.device("early").isNull());
    CHECK(vm.guestDevices("disk", {{"serial", "early-1"}}).empty());

    // Still busy when the time is over: pending, for that reason.
    vm.must("hotplugDisk", disk);
    const auto reply = vm.call("hotunplugDisk", with(disk, {{"timeout", 100}}));
    INFO(reply.text());
    CHECK(reply.outcome() == "pending");
    CHECK(reply.reason() == "GUEST_BUSY");
    CHECK(reply.code() == 46);
}
