#include "requests.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/test_vm.h"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sys/stat.h>
#include <sysexits.h>

using namespace hotplug::test;

namespace {

Finished runWith(const TestHost& host, const std::string& toml, std::vector<std::string> more = {})
{
    const auto file = host.path() / "wrong.toml";
    std::ofstream(file) << toml;
    more.insert(more.begin(), {HOTPLUGD_BINARY, "--config", file});
    return runProgram(more);
}

long linesOf(const std::string& text)
{
    return std::ranges::count(text, '\n');
}

} // namespace

TEST_CASE("W: a wrong configuration is one line with file and line number, and exit code 78", "[integration]")
{
    TestHost host;
    struct Case {
        const char* toml;
        int line;
    };
    for (const auto& [toml, line] : {Case{"connect = \"qemu:///system\"\nlisten = \"tcp:1\"\n", 2},
             {"state-dir = 5\n", 1}, {"\n\nno-such = \"x\"\n", 3}, {"image-root = [\"/a\", \"b\"]\n", 1},
             {"connect = [\"qemu:///system\"]\n", 1}, {"connect = \"xen:///\"\n", 1}, {"this is no TOML\n", 1},
             {"journal-operations = \"10\"\n", 1}, {"journal-events = 0\n", 1}, {"\njournal-days = -1\n", 2},
             {"journal-days = 99999999\n", 1}, {"journal-operations = [1]\n", 1}, {"journal-events = 1.5\n", 1}}) {
        const auto ended = runWith(host, toml);
        INFO(toml << "→ " << ended.err);
        CHECK(ended.code == EX_CONFIG);
        CHECK(ended.out.empty());
        CHECK(linesOf(ended.err) == 1);
        CHECK(ended.err.find("wrong.toml:" + std::to_string(line) + ":") != std::string::npos);
    }
    for (const auto& words : {std::vector<std::string>{"--log-level", "loud"}, {"--no-such"},
             {"--listen", "unix:relative"}, {"--journal-operations", "0"}, {"--journal-events", "many"},
             {"--journal-days", "1d"}}) {
        const auto ended = runWith(host, "", words);
        INFO(words.front() << "→ " << ended.err);
        CHECK(ended.code == EX_CONFIG);
        CHECK(linesOf(ended.err) == 1);
    }
    CHECK(runProgram({HOTPLUGD_BINARY, "--config", host.path() / "missing.toml"}).code == EX_CONFIG);
    CHECK(runProgram({HOTPLUGD_BINARY, "--version"}).code == 0);
}

TEST_CASE("W: the socket is for owner and group, gone after a stop and taken over after a crash", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    struct stat socket{};
    REQUIRE(::stat(host.socket().c_str(), &socket) == 0);
    CHECK(S_ISSOCK(socket.st_mode));
    CHECK((socket.st_mode & 0777) == 0660);
    CHECK((std::filesystem::status(host.stateDir() / "journal.sqlite").permissions()
           == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)));

    // A second daemon keeps its hands off the first one's journal.
    const auto second = runProgram({HOTPLUGD_BINARY, "--config", host.path() / "hotplugd.toml", "--connect", host.uri(),
        "--listen", "unix:" + host.socket().string(), "--state-dir", host.stateDir()});
    INFO(second.err);
    CHECK(second.code == EX_UNAVAILABLE);
    daemon.must("ping", object({}));

    daemon.kill();
    daemon.start();
    daemon.must("ping", object({}));
    CHECK(daemon.stop() == 0);
    CHECK_FALSE(std::filesystem::exists(host.socket()));
}

TEST_CASE("K4: a VM and its devices are known again after a crash of the daemon", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.boot();
    auto mark = vm.console().mark();
    vm.must("hotplugDisk", drive(makeRaw(host.imageRoot() / "d.img"), {{"deviceId", "d"}, {"serial", "CRASH"}}));
    vm.console().waitFor(mark, "add disk", {{"serial", "CRASH"}});
    daemon.kill();
    daemon.start();
    CHECK(vm.status() == "Up");
    CHECK(vm.device("d")["state"] == "plugged");
    mark = vm.console().mark();
    vm.must("hotunplugDisk", deviceId("d"));
    vm.console().waitFor(mark, "del disk", {{"serial", "CRASH"}});
}
