#include "requests.h"
#include "support/catch.h"
#include "support/test_vm.h"

using namespace hotplug::test;

namespace {

Json::Value listed(Hotplugd& daemon, const std::string& id)
{
    const auto reply = daemon.must("listVms", object({}));
    for (const auto& vm : reply["vms"])
        if (vm["vmId"] == id)
            return vm;
    return {};
}

} // namespace

TEST_CASE("W: a VM is defined, started, shut down by its guest, started, destroyed and undefined", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    CHECK(listed(daemon, vm.id())["name"] == vm.name());
    CHECK(listed(daemon, vm.id())["status"] == "Down");
    CHECK(listed(daemon, vm.id())["persistent"] == true);
    CHECK(vm.must("listDevices", {})["devices"].isArray());

    vm.boot();
    const auto shown = vm.must("getVm", {})["vm"];
    CHECK(shown["status"] == "Up");
    CHECK(shown["machine"] == "q35");
    CHECK(shown["memoryMiB"] == 256);
    CHECK(vm.call("startVm", {}).code() == 4);      // as VDSM says of a VM that runs

    vm.must("shutdownVm", {});
    eventually("the guest powers off", [&] { return vm.status() == "Down"; });
    CHECK(host.qemus().empty());
    CHECK(vm.call("shutdownVm", {}).reason() == "VM_NOT_UP");
    CHECK(vm.call("destroyVm", {}).code() == 42);

    vm.start();
    CHECK(vm.status() == "Up");
    vm.destroy();
    CHECK(vm.status() == "Down");
    vm.must("undefineVm", {});
    CHECK(listed(daemon, vm.id()).isNull());
    for (const auto* verb : {"getVm", "listDevices", "startVm", "shutdownVm", "destroyVm", "undefineVm"}) {
        INFO(verb);
        CHECK(vm.call(verb, {}).code() == 1);
    }
}

TEST_CASE("W R5: a definition that libvirt does not take is refused with code 9, a taken name with 4", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    for (const auto* xml : {"<domain", "no XML", "<domain type='qemu'><name>x</name></domain>", "<network/>"}) {
        INFO(xml);
        CHECK(daemon.call("defineVm", object({{"xml", xml}})).code() == 9);
    }
    auto copy = parseDomain(vm.configXml());
    copy.child("domain").child("uuid").text() = "00000000-0000-4000-8000-000000000000";
    std::ostringstream xml;
    copy.save(xml);
    CHECK(daemon.call("defineVm", object({{"xml", xml.str()}})).reason() == "VM_EXISTS");

    // libvirt would take the name for a directory, and has removed other VMs' files there.
    for (const auto* name : {".", "..", "a/b"}) {
        copy.child("domain").child("name").text() = name;
        std::ostringstream named;
        copy.save(named);
        CHECK(daemon.call("defineVm", object({{"xml", named.str()}})).reason() == "INVALID_PARAMETER");
    }
}

TEST_CASE("W: getCapabilities names every verb, the connection and the image roots", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    const auto known = daemon.must("getCapabilities", object({}));
    CHECK(known["libvirt"] == true);
    CHECK(known["connection"] == host.uri());
    CHECK(known["imageRoots"][0] == host.imageRoot().string());
    CHECK(known["verbs"].size() >= 18);
}
