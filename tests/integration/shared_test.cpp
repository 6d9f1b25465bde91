#include "requests.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/test_vm.h"

// One image, two running VMs.

using namespace hotplug::test;

namespace {

struct Two {
    TestHost host;
    Hotplugd daemon{host};
    TestVm mine{daemon}, other{daemon};

    std::string image(const char* name) const { return host.imageRoot() / name; }
};

void requireInUse(TestVm& vm, const TestVm& holder, const Json::Value& params)
{
    for (const bool dryRun : {true, false}) {
        const auto reply = vm.call("hotplugDisk", with(params, {{"dryRun", dryRun}}));
        INFO(reply.text());
        CHECK(reply.reason() == "SOURCE_IN_USE");
        CHECK(reply.outcome() == "refused");        // foreseen: QEMU's lock was not even tried
        CHECK(reply.code() == 45);
        CHECK(reply.error["data"]["field"] == "/drive/path");
        CHECK(reply.error["data"]["conflictsWith"] == holder.id());
    }
}

GuestLine plugAndFind(TestVm& vm, const Json::Value& params, const std::string& serial)
{
    const auto mark = vm.console().mark();
    vm.must("hotplugDisk", params);
    return vm.console().waitFor(mark, "add disk", {{"serial", serial}});
}

} // namespace

TEST_CASE("A3 R6: a shared disk serves two guests at once; one that is not serves one after the other", "[integration]")
{
    Two given;
    const auto start = given.other.console().mark();
    given.other.start();
    given.mine.boot();
    given.other.console().waitFor(start, "ready");
    const auto image = makeRaw(given.image("shared.img"));
    const auto shared = drive(image, {{"shared", "True"}, {"serial", "BOTH"}});

    const auto here = plugAndFind(given.mine, shared, "BOTH");
    const auto there = plugAndFind(given.other, shared, "BOTH");
    CHECK(given.mine.does("write", here["name"]));
    CHECK(given.other.does("read", there["name"]));
    CHECK(given.other.does("write", there["name"]));
    CHECK(readFile(image).starts_with("HPGUEST\n"));
    CHECK(given.mine.liveXml().find("<shareable/>") != std::string::npos);

    const auto alone = drive(makeRaw(given.image("alone.img")), {{"serial", "ALONE"}});
    plugAndFind(given.mine, alone, "ALONE");
    requireInUse(given.other, given.mine, alone);
    const auto mark = given.mine.console().mark();
    given.mine.must("hotunplugDisk", alone);
    given.mine.console().waitFor(mark, "del disk", {{"serial", "ALONE"}});
    const auto later = plugAndFind(given.other, alone, "ALONE");
    CHECK(given.other.does("write", later["name"]));
}

TEST_CASE("A3 R6 R8: who may use an image beside another VM depends on both, in either order", "[integration]")
{
    Two given;
    given.mine.start();
    given.other.start();
    makeRaw(given.image("base.img"));
    const auto raw = [&](Members more) { return drive(given.image("base.img"), more); };
    const auto above = [&](const char* name) {
        return drive(makeQcow2(given.image(name), 4, given.image("base.img")), {{"format", "qcow2"}});
    };
    struct Case {
        const char* what;
        Json::Value first, second;
        bool fits;
    };
    const std::vector<Case> cases{
        {"both write", raw({}), raw({}), false},
        {"only one is shared", raw({{"shared", true}}), raw({}), false},
        {"one only reads", raw({{"readonly", true}}), raw({}), false},
        {"both only read", raw({{"readonly", true}}), raw({{"readonly", "True"}}), true},
        {"both shared, one only reads", raw({{"shared", true}, {"readonly", true}}), raw({{"shared", "shared"}}), true},
        {"a base that the other writes", above("1.qcow2"), raw({}), false},
        {"a base that the other shares", above("2.qcow2"), raw({{"shared", true}}), false},
        {"a base that the other only reads", above("3.qcow2"), raw({{"readonly", true}}), true},
        {"a base of both", above("4.qcow2"), above("5.qcow2"), true},
    };
    for (const auto& one : cases)
        for (const bool reversed : {false, true}) {
            INFO(one.what << (reversed ? ", reversed" : ""));
            const auto& [first, second] = reversed ? std::tie(one.second, one.first) : std::tie(one.first, one.second);
            // SCSI, so that they leave without the guest.
            const auto onScsi = [](Json::Value params) {
                params["drive"]["iface"] = "scsi";
                return params;
            };
            given.other.must("hotplugDisk", onScsi(first));
            if (one.fits) {
                given.mine.must("hotplugDisk", onScsi(second));
                given.mine.must("hotunplugDisk", onScsi(second));
            } else {
                requireInUse(given.mine, given.other, onScsi(second));
            }
            given.other.must("hotunplugDisk", onScsi(first));
        }
}
