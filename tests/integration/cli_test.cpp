#include "requests.h"
#include "support/bridge.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/test_vm.h"

#include "hotplugctl/format/json_text.h"

using namespace hotplug::test;

namespace {

enum Exit { done = 0, refused = 2, pending = 4, usage = 64, noDaemon = 69 };

/// hotplugctl as a person runs it.
class Cli {
public:
    explicit Cli(const TestHost& host) : socket_(host.socket()) {}

    Finished run(std::vector<std::string> words) const
    {
        words.insert(words.begin(), HOTPLUGCTL_BINARY);
        words.insert(words.end(), {"--socket", socket_});
        return runProgram(words);
    }

    /// Ends as expected; its standard output.
    std::string expect(Exit code, const std::vector<std::string>& words) const
    {
        const auto ended = run(words);
        INFO(words.front() << ": " << ended.out << ended.err);
        CHECK(ended.code == code);
        CHECK(ended.err.empty() == (code == done));
        return ended.out;
    }

    Json::Value json(Exit code, std::vector<std::string> words) const
    {
        words.push_back("--json");
        const auto ended = run(words);
        INFO(words.front() << ": " << ended.out << ended.err);
        CHECK(ended.code == code);
        std::string problem;
        const auto parsed = hotplug::ctl::parseJson(ended.out, problem);
        INFO(problem);
        REQUIRE(parsed);
        return *parsed;
    }

private:
    std::string socket_;
};

bool has(const std::string& text, const std::string& wanted)
{
    return text.find(wanted) != std::string::npos;
}

} // namespace

TEST_CASE("W: hotplugctl plugs, lists and unplugs a disk and a NIC on a real guest", "[integration]")
{
    TestHost host;
    Bridge bridge;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    const Cli cli(host);
    const auto image = makeQcow2(host.imageRoot() / "d.qcow2");
    auto mark = vm.console().mark();
    cli.expect(done, {"vm", "start", vm.name()});
    vm.console().waitFor(mark, "ready");

    mark = vm.console().mark();
    CHECK(has(cli.expect(done, {"plug-disk", vm.name(), "--source", image, "--format", "qcow2", "--serial", "CLI-1",
        "--id", "data", "--dry-run"}), "ua-data"));
    CHECK(has(cli.expect(done, {"plug-disk", vm.name(), "--source", image, "--format", "qcow2", "--serial", "CLI-1",
        "--id", "data"}), "data"));
    vm.console().waitFor(mark, "add disk", {{"serial", "CLI-1"}});
    const auto card = cli.json(done, {"plug-nic", vm.id(), "--network", bridge.name(), "--mac", "52:54:00:00:00:05"});
    CHECK(card["device"]["macAddr"] == "52:54:00:00:00:05");
    vm.console().waitFor(mark, "add nic", {{"mac", "52:54:00:00:00:05"}});

    const auto table = cli.expect(done, {"list", vm.name()});
    CHECK(has(table, "data"));
    CHECK(has(table, "52:54:00:00:00:05"));
    CHECK(cli.json(done, {"list", vm.name()})["devices"].size() == 3);      // and the CD-ROM drive
    CHECK(has(cli.expect(done, {"list"}), vm.name()));

    const auto again = cli.json(refused, {"plug-disk", vm.name(), "--source", image, "--format", "qcow2"});
    CHECK(again["data"]["reason"] == "ALREADY_PLUGGED");
    cli.expect(refused, {"unplug-disk", vm.name(), "nobody"});
    cli.expect(usage, {"plug-disk", vm.name(), "--source", image});
    cli.expect(usage, {"fly"});

    cli.expect(done, {"unplug-disk", vm.name(), "--source", image});
    vm.console().waitFor(mark, "del disk", {{"serial", "CLI-1"}});
    cli.expect(done, {"unplug-nic", vm.name(), "--mac", "52:54:00:00:00:05"});
    vm.console().waitFor(mark, "del nic", {{"mac", "52:54:00:00:00:05"}});
    CHECK(cli.json(done, {"call", "getVm", "{\"vmId\": \"" + vm.id() + "\"}"})["vm"]["status"] == "Up");

    cli.expect(done, {"vm", "shutdown", vm.name()});
    eventually("the guest powers off", [&] { return vm.status() == "Down"; });
    cli.expect(refused, {"vm", "destroy", vm.name()});
    cli.expect(done, {"vm", "undefine", vm.name()});
    cli.expect(refused, {"vm", "show", vm.name()});
}

TEST_CASE("W: hotplugctl ends with 4 while an unplug is pending and with 69 when nobody listens", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.deaf = true});
    vm.start();
    const Cli cli(host);
    const auto image = makeRaw(host.imageRoot() / "d.img");
    cli.expect(done, {"plug-disk", vm.name(), "--source", image, "--format", "raw", "--id", "stuck"});
    cli.expect(pending, {"unplug-disk", vm.name(), "stuck", "--timeout", "1"});
    CHECK(has(cli.expect(done, {"list", vm.name()}), "unplugging"));
    vm.destroy();
    eventually("the operation ends", [&] { return vm.device("stuck").isNull(); });

    REQUIRE(daemon.stop() == 0);
    cli.expect(noDaemon, {"ping"});
    daemon.start();
    cli.expect(done, {"ping"});
}
