#include "requests.h"
#include "support/bridge.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/leak_check.h"
#include "support/test_vm.h"

#include <algorithm>
#include <fstream>

// That the checks nobody can opt out of do see what they are there for.

using namespace hotplug::test;

namespace {

bool tells(const std::vector<std::string>& all, const std::string& what)
{
    return std::ranges::any_of(all, [&](const auto& one) { return one.find(what) != std::string::npos; });
}

} // namespace

TEST_CASE("R8: the snapshot around every refusal sees XML, taps, images, QEMUs and open operations", "[integration]")
{
    TestHost host;
    Bridge bridge;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.deaf = true});
    const auto image = makeRaw(host.imageRoot() / "d.img");
    const auto stopped = host.snapshot(daemon.pid());
    vm.start();
    const auto started = host.snapshot(daemon.pid());
    CHECK(tells(stopped.changesTo(started), "QEMU"));
    CHECK(started.changesTo(host.snapshot(daemon.pid())).empty());

    vm.must("hotplugNic", with(nic(bridge.name(), {{"deviceId", "n"}}), {{"persist", false}}));
    const auto plugged = host.snapshot(daemon.pid());
    CHECK(tells(started.changesTo(plugged), "live XML"));
    CHECK(tells(started.changesTo(plugged), "definition"));     // the record is kept there
    CHECK(tells(started.changesTo(plugged), "tap vnet"));

    CHECK(vm.call("hotunplugNic", with(deviceId("n"), {{"timeout", 200}})).outcome() == "pending");
    std::fstream(image, std::ios::in | std::ios::out) << "written";
    const auto later = host.snapshot(daemon.pid());
    CHECK(tells(plugged.changesTo(later), "open operation"));
    CHECK(tells(plugged.changesTo(later), "image " + image));
}

TEST_CASE("The leak check sees processes, bridges and files of a test", "[integration]")
{
    TestHost host;
    Bridge bridge;
    Hotplugd daemon(host);
    const auto found = leftovers();
    CHECK(tells(found, "a process is left"));
    CHECK(tells(found, "a bridge is left: " + bridge.name()));
    CHECK(tells(found, "a temporary file is left: " + host.path().string()));
}
