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
    const auto reply = vm.call("hotplugDisk", params);
    INFO(reply.text());
    CHECK(reply.reason() == "SOURCE_IN_USE");
    CHECK(reply.outcome() == "refused");            // foreseen: QEMU's lock was not even tried
    CHECK(reply.code() == 45);
    CHECK(reply.error["data"]["field"] == "/drive/path");
    CHECK(reply.error["data"]["conflictsWith"] == holder.id());
}

/// How a VM uses an image: as it is, or as the base of an image of its own.
struct Way {
    Json::Value more = object({});
    bool above = false;

    Json::Value params(const std::string& base, const char* name) const
    {
        auto dictionary = above ? diskOf(makeQcow2(base + name, 4, base), {{"format", "qcow2"}}) : diskOf(base);
        dictionary["iface"] = "scsi";
        for (const auto& key : more.getMemberNames())
            dictionary[key] = more[key];
        return object({{"drive", dictionary}});
    }
};

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
    const Way writes, shares{object({{"shared", "True"}})}, reads{object({{"readonly", true}})},
        readsShared{object({{"shared", true}, {"readonly", true}})}, above{object({}), true};
    struct Case {
        const char* what;
        Way here, there;
        bool fits;
    };
    unsigned number = 0;
    for (const auto& [what, here, there, fits] : {Case{"both write", writes, writes, false},
             {"only one is shared", shares, writes, false}, {"one only reads", reads, writes, false},
             {"both only read", reads, reads, true}, {"both shared, one only reads", readsShared, shares, true},
             {"a base that the other writes", above, writes, false},
             {"a base that the other shares", above, shares, false},
             {"a base that the other only reads", above, reads, true}, {"a base of both", above, above, true}})
        for (const bool reversed : {false, true}) {
            INFO(what << (reversed ? ", reversed" : ""));
            const auto base = makeRaw(given.host.imageRoot() / std::to_string(++number));
            given.other.must("hotplugDisk", (reversed ? there : here).params(base, "-there"));
            const auto second = (reversed ? here : there).params(base, "-here");
            if (fits)
                given.mine.must("hotplugDisk", second);
            else
                requireInUse(given.mine, given.other, second);
        }
}
