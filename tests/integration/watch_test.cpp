#include "background.h"
#include "requests.h"
#include "support/catch.h"
#include "support/images.h"
#include "support/test_vm.h"
#include "watch.h"

#include "hotplugctl/format/json_text.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

// Following what happens, as an engine does and as a person.

using namespace hotplug::test;
using hotplug::Clock;

namespace {

std::future<Json::Value> watchFrom(const Hotplugd& daemon, const std::string& cursor)
{
    return inBackground(daemon, "watchEvents", object({{"after", cursor}, {"timeout", 30000}}));
}

/// Threads that run a call which may wait; one that is left over from an earlier call is taken before a new one.
std::ptrdiff_t patientThreads(const Hotplugd& daemon)
{
    const std::filesystem::directory_iterator tasks("/proc/" + std::to_string(daemon.pid()) + "/task");
    return std::count_if(begin(tasks), end(tasks),
        [](const auto& task) { return readFile(task.path() / "comm").starts_with("patient"); });
}

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

Finished runCtl(const TestHost& host, std::vector<std::string> words)
{
    words.insert(words.begin(), {HOTPLUGCTL_BINARY, "--socket", host.socket()});
    return runProgram(words);
}

} // namespace

TEST_CASE("K9 K6: a hundred watchers keep no change out, and wake at the first event", "[integration]")
{
    constexpr int many = 100;
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    const auto disk = drive(makeRaw(host.imageRoot() / "d"), {{"iface", "scsi"}});
    auto start = Clock::now();
    vm.must("hotplugDisk", disk);
    vm.must("hotunplugDisk", disk);
    const auto alone = secondsSince(start);

    const auto cursor = Watch(daemon).cursor();
    std::vector<std::future<Json::Value>> watchers;
    for (int i = 0; i < many; ++i)
        watchers.push_back(watchFrom(daemon, cursor));
    eventually("all of them wait", [&] { return patientThreads(daemon) >= many; });
    start = Clock::now();
    vm.must("hotplugDisk", disk);
    for (auto& watcher : watchers)
        CHECK(watcher.get()["result"]["events"][0]["kind"] == "started");
    vm.must("hotunplugDisk", disk);
    const auto watched = secondsSince(start);
    std::printf("plug and unplug: %.0f ms alone, %.0f ms with %d watchers woken\n", 1000 * alone, 1000 * watched, many);
    CHECK(watched < 10);                            // none of them slept its 30 s
}

TEST_CASE("K9: a stop ends a watch with its cursor, from which it goes on afterwards", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon);
    vm.start();
    const auto disk = drive(makeRaw(host.imageRoot() / "d"), {{"iface", "scsi"}});
    const auto cursor = Watch(daemon).cursor();
    auto one = watchFrom(daemon, cursor), other = watchFrom(daemon, cursor);
    eventually("both wait", [&] { return patientThreads(daemon) >= 2; });
    REQUIRE(daemon.stop() == 0);
    for (auto* watching : {&one, &other}) {
        const auto page = watching->get()["result"];
        CHECK(page["events"].empty());
        CHECK(page["cursor"] == cursor);
    }

    daemon.start();
    auto again = watchFrom(daemon, cursor);
    const auto plugged = vm.must("hotplugDisk", disk);
    CHECK(again.get()["result"]["events"][0]["operationId"] == plugged["operationId"]);

    // Another journal, which has told nothing yet.
    vm.destroy();
    const auto last = Watch(daemon).cursor();
    REQUIRE(daemon.stop() == 0);
    for (const auto& file : std::filesystem::directory_iterator(host.stateDir()))
        std::filesystem::remove(file.path());
    daemon.start();
    CHECK(daemon.call("watchEvents", object({{"after", last}, {"timeout", 0}})).reason() == "CURSOR_TOO_OLD");
}

TEST_CASE("W K3 K9: an operator finds what hangs, why, and how to end it, and scripts find exit codes", "[integration]")
{
    TestHost host;
    Hotplugd daemon(host);
    TestVm vm(daemon, {.deaf = true});
    vm.boot();
    vm.must("hotplugDisk", drive(makeRaw(host.imageRoot() / "d.img"), {{"deviceId", "stuck"}}));
    const auto id = idOf(vm.call("hotunplugDisk", with(deviceId("stuck"), {{"timeout", 300}})));
    const std::string unknown = "00000000-0000-4000-8000-000000000009";
    struct Case {
        std::vector<std::string> words;
        int code;
        std::vector<std::string> out, err;
    };
    const std::vector<Case> cases{
        {{"operations"}, 0, {id, "pending", "GUEST_NOT_RESPONDING", "hotplugDisk", "done"}, {}},
        {{"operations", vm.name(), "--open"}, 0, {id, "stuck"}, {}},
        {{"operations", "no-such-vm"}, 2, {}, {"no-such-vm", "hotplugctl list"}},
        {{"operation", id}, 0, {"stuck", "pending", "requested", "GUEST_NOT_RESPONDING"}, {}},
        {{"operation", unknown}, 2, {}, {"OPERATION_NOT_FOUND", "hotplugctl operations"}},
        {{"operation", "junk"}, 2, {}, {"/operationId"}},
        {{"operation"}, 64, {}, {"--help"}},
        {{"cancel", id}, 0, {"Cancelled", id, "hotplugctl watch"}, {}},
        {{"cancel", id}, 2, {}, {"NOT_CANCELLABLE", "it is over: cancelled"}},
        {{"cancel", unknown}, 2, {}, {"OPERATION_NOT_FOUND"}},
        {{"operations", "--open"}, 0, {"There are no such operations."}, {}},
        {{"watch", vm.name(), "--after", "0", "--timeout", "0"}, 0, {"started", "requested", "pending", "cancelled"}, {}},
        {{"watch", "--after", "99999"}, 2, {}, {"CURSOR_TOO_OLD", "without --after"}},
        {{"watch", "--timeout", "0"}, 0, {}, {}},
    };
    for (const auto& [words, code, out, err] : cases) {
        const auto ended = runCtl(host, words);
        INFO(words.front() << ": " << ended.out << ended.err);
        CHECK(ended.code == code);
        CHECK(ended.out.empty() == out.empty());
        CHECK(ended.err.empty() == err.empty());
        for (const auto& text : out)
            CHECK(ended.out.find(text) != std::string::npos);
        for (const auto& text : err)
            CHECK(ended.err.find(text) != std::string::npos);
    }
    std::string problem;
    const auto ended = runCtl(host, {"operation", id, "--json"});
    const auto json = hotplug::ctl::parseJson(ended.out, problem);
    REQUIRE(json);
    CHECK((*json)["outcome"] == "cancelled");
    CHECK(kindsOf((*json)["timeline"]) == Kinds{"started", "requested", "pending", "cancelled"});
}
