#include "requests.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/libvirtd.h"
#include "support/test_vm.h"
#include "virsh.h"
#include "watch.h"

#include <fstream>
#include <optional>

// The VM carries its own records, in two copies. Others wipe them, replace them and scribble over them.

using namespace hotplug::test;

namespace {

/// Our document in a domain's metadata as text; empty: none.
std::string recordsIn(const std::string& domainXml)
{
    std::ostringstream out;
    const auto document = parseDomain(domainXml);
    for (const auto& node : document.child("domain").child("metadata").children())
        if (std::string(node.name()).ends_with(":vm"))
            node.print(out, "", pugi::format_raw);
    return out.str();
}

/// A VM of a libvirtd that others use, too.
struct Shared {
    TestHost host;
    const Libvirtd libvirtd{host};
    Hotplugd daemon{host};
    std::optional<TestVm> vm;

    explicit Shared(const TestVm::Options& options = {}) { vm.emplace(daemon, options); }

    Json::Value disk(const std::string& id, Members more = {})
    {
        auto params = drive(makeRaw(host.imageRoot() / (id + ".img")), {{"deviceId", id}, {"serial", id}});
        return with(params, more);
    }

    /// The definition of now, to be brought back later.
    std::string saveDefinition()
    {
        const auto file = host.path() / "old.xml";
        std::ofstream(file) << vm->configXml();
        return file;
    }

    void setMetadata(const char* scope, const std::string& xml)
    {
        mustVirsh(host, {"metadata", vm->id(), "urn:hotplugd:vm:1", scope, "--key", "hotplugd", "--set", xml});
    }

    void wipeMetadata(const char* scope)
    {
        mustVirsh(host, {"metadata", vm->id(), "urn:hotplugd:vm:1", scope, "--remove"});
    }

    /// The next drift of the VM itself, not of one of its devices.
    Json::Value nextOfVm(Watch& watch)
    {
        for (;;)
            if (const auto event = watch.next("drift"); !event.isMember("alias"))
                return event;
    }
};

} // namespace

TEST_CASE("A9 K8: after virsh define with an old file the records are back, and the lost device is told, once", "[integration]")
{
    Shared shared;
    auto& vm = *shared.vm;
    vm.boot();
    const auto old = shared.saveDefinition();
    vm.must("hotplugDisk", shared.disk("kept"));
    const auto records = recordsIn(vm.liveXml());
    REQUIRE_FALSE(records.empty());
    Watch watch(shared.daemon);
    const auto start = watch.cursor();

    mustVirsh(shared.host, {"define", old});
    CHECK(shared.nextOfVm(watch)["sentence"].asString().find("those of the running VM") != std::string::npos);
    CHECK(recordsIn(vm.configXml()) == records);
    CHECK(vm.configXml().find("ua-kept") == std::string::npos);     // nobody asked to repair that
    CHECK(vm.device("kept")["state"] == "drifted");
    CHECK(vm.device("kept")["plugged"] == true);
    CHECK(vm.device("kept")["problem"] == "the definition has lost it");

    REQUIRE(shared.daemon.stop() == 0);
    shared.daemon.start();
    const auto mark = vm.console().mark();
    vm.must("hotunplugDisk", deviceId("kept"));
    vm.console().waitFor(mark, "del disk", {{"serial", "kept"}});
    const auto events = Watch(shared.daemon, start).all();
    CHECK(countOf(events, "drift", "ua-kept") == 1);
    CHECK(countOf(events, "drift", "") == 1);
}

TEST_CASE("A9: what virsh did to the records while hotplugd was down is mended at its start", "[integration]")
{
    Shared shared;
    auto& vm = *shared.vm;
    vm.start();
    const auto old = shared.saveDefinition();
    vm.must("hotplugDisk", shared.disk("kept"));
    const auto records = recordsIn(vm.liveXml());
    REQUIRE(shared.daemon.stop() == 0);
    SECTION("an old definition") { mustVirsh(shared.host, {"define", old}); }
    SECTION("the live copy wiped") { shared.wipeMetadata("--live"); }
    SECTION("the persistent copy wiped") { shared.wipeMetadata("--config"); }
    shared.daemon.start();
    eventually("both copies are back", [&] {
        return recordsIn(vm.liveXml()) == records && recordsIn(vm.configXml()) == records;
    });
}

TEST_CASE("A9: wiped live records come back at once; wiped everywhere they are not made up, and unplug works", "[integration]")
{
    Shared shared;
    auto& vm = *shared.vm;
    vm.boot();
    vm.must("hotplugDisk", shared.disk("kept"));
    const auto records = recordsIn(vm.liveXml());
    Watch watch(shared.daemon);
    shared.wipeMetadata("--live");
    shared.nextOfVm(watch);
    CHECK(recordsIn(vm.liveXml()) == records);
    CHECK(vm.device("kept")["state"] == "plugged");

    mustVirsh(shared.host, {"metadata", vm.id(), "urn:hotplugd:vm:1", "--live", "--config", "--remove"});
    CHECK(watch.next("drift")["deviceId"] == "kept");
    CHECK(recordsIn(vm.liveXml()).empty());
    CHECK(vm.device("kept")["state"] == "drifted");
    vm.must("hotunplugDisk", deviceId("kept"));
    CHECK(vm.configXml().find("ua-kept") == std::string::npos);
}

TEST_CASE("A9 R6: scribbled records refuse changes and an open unplug waits; wiped, all goes on", "[integration]")
{
    Shared shared({.deaf = true});
    auto& vm = *shared.vm;
    vm.boot();
    vm.must("hotplugDisk", shared.disk("stuck"));
    const auto pending = vm.call("hotunplugDisk", with(deviceId("stuck"), {{"timeout", 300}}));
    const auto operation = pending.error["data"]["operationId"].asString();
    REQUIRE(pending.outcome() == "pending");
    Watch watch(shared.daemon);
    const auto scribbled = GENERATE(as<std::string>(), "<vm version='1' counter='none'/>", "<vm version='2' counter='1'/>",
        "<vm version='1' counter='99'><device id='a' kind='disk' plugged='yes' persist='yes'/>"
        "<device id='a' kind='disk' plugged='yes' persist='yes'/></vm>");
    shared.setMetadata("--live", scribbled);
    CHECK(watch.next("drift")["reason"] == "RECORD_UNREADABLE");

    const auto reply = vm.call("hotplugDisk", shared.disk("more"));
    CHECK(reply.reason() == "RECORD_UNREADABLE");
    CHECK(reply.outcome() == "refused");
    CHECK_FALSE(vm.must("getVm", {})["vm"]["problem"].asString().empty());
    CHECK(vm.device("stuck")["state"] == "unplugging");
    const auto text = recordsIn(vm.liveXml());

    auto mark = vm.console().mark();                    // a reset is the answer that QEMU was waiting for
    vm.tell("reboot");
    vm.console().waitFor(mark, "ready");
    eventually("the guest has let go", [&] { return vm.liveXml().find("ua-stuck") == std::string::npos; });
    eventually("the operation says why it waits", [&] {
        const auto told = shared.daemon.must("getOperation", object({{"operationId", operation}}));
        return told["reason"] == "RECORD_UNREADABLE" && told["outcome"] == "pending";
    });
    CHECK(recordsIn(vm.liveXml()) == text);             // not damaged

    shared.wipeMetadata("--live");
    CHECK(watch.next("done")["operationId"] == operation);
    CHECK(vm.device("stuck").isNull());
    CHECK(vm.configXml().find("ua-stuck") == std::string::npos);
    vm.must("hotplugDisk", shared.disk("more"));
}

TEST_CASE("A9 K8: an old definition of a VM that is down takes device and record away, which the journal tells", "[integration]")
{
    Shared shared;
    auto& vm = *shared.vm;
    vm.start();
    const auto old = shared.saveDefinition();
    vm.must("hotplugDisk", shared.disk("kept"));
    vm.destroy();
    Watch watch(shared.daemon);
    mustVirsh(shared.host, {"define", old});
    const auto event = watch.next("drift");
    CHECK(event["deviceId"] == "kept");
    CHECK(event["sentence"].asString().find("new definition") != std::string::npos);
    CHECK(vm.device("kept").isNull());
    CHECK(recordsIn(vm.configXml()).empty());           // nothing is made up
    vm.start();
    vm.must("hotplugDisk", shared.disk("kept"));
}

TEST_CASE("A9: a VM that becomes transient and persistent again keeps its records", "[integration]")
{
    Shared shared;
    auto& vm = *shared.vm;
    vm.start();
    const auto old = shared.saveDefinition();
    vm.must("hotplugDisk", shared.disk("one"));
    mustVirsh(shared.host, {"undefine", vm.id()});
    CHECK(vm.device("one")["state"] == "plugged");
    vm.must("hotplugDisk", shared.disk("two"));
    CHECK(vm.device("two")["state"] == "plugged");

    mustVirsh(shared.host, {"define", old});
    eventually("the definition has the records", [&] {
        return recordsIn(vm.configXml()) == recordsIn(vm.liveXml());
    });
    CHECK(vm.device("one")["state"] == "drifted");      // it was persistent, and this definition lacks it
    CHECK(vm.device("two")["state"] == "plugged");
}

TEST_CASE("A9: a counter at its end and records of a thousand devices are taken as they are", "[integration]")
{
    Shared shared;
    auto& vm = *shared.vm;
    vm.start();
    std::string devices;
    for (int i = 0; i < 1000; ++i)
        devices += "<device id='d" + std::to_string(i) + "' kind='disk' plugged='no' persist='no'/>";
    mustVirsh(shared.host, {"metadata", vm.id(), "urn:hotplugd:vm:1", "--live", "--config", "--key", "hotplugd", "--set",
        "<vm version='1' counter='18446744073709551615'>" + devices + "</vm>"});
    vm.must("hotplugDisk", shared.disk("more"));
    CHECK(vm.must("listDevices", {})["devices"].size() > 1000);
    CHECK(vm.device("more")["state"] == "plugged");
    CHECK(recordsIn(vm.configXml()) == recordsIn(vm.liveXml()));
    CHECK(recordsIn(vm.liveXml()).find("counter=\"18446744073709551615\"") != std::string::npos);
}
