#include "unit/hotplugctl/fixture.h"

#include "support/catch.h"

using namespace hotplug;
using namespace hotplug::ctl;
using namespace hotplug::ctl::test;
using Catch::Matchers::Contains;

TEST_CASE("W: the exit code is the outcome")
{
    struct Case {
        int code;
        const char* data;
        ExitCode expected;
    };
    const Case cases[] = {
        {45, "{'outcome': 'refused', 'reason': 'ADDRESS_IN_USE'}", ExitCode::Refused},
        {45, "{'outcome': 'failed', 'reason': 'LIBVIRT_ERROR'}", ExitCode::Failed},
        {46, "{'outcome': 'pending', 'reason': 'GUEST_NOT_RESPONDING'}", ExitCode::Pending},
        {99, "{'outcome': 'running'}", ExitCode::Pending},
        {46, "{'outcome': 'cancelled'}", ExitCode::Failed},
        {46, "{'outcome': 'moved'}", ExitCode::Failed},
        {46, "", ExitCode::Failed},
        {46, "[1]", ExitCode::Failed},
        {-32602, "{'errors': []}", ExitCode::Refused},
        {-32601, "", ExitCode::Refused},
        {-32603, "", ExitCode::Failed},
    };
    for (const Case& one : cases) {
        INFO(one.code << ' ' << one.data);
        const Ran ran = run("unplug-disk web1 d1", refusing(one.code, "Failed to hotunplug disk: why", one.data));
        CHECK(ran.code == one.expected);
        CHECK(ran.out == "");
    }
}

TEST_CASE("W: who did not answer decides the exit code")
{
    const auto fails = [](auto error) {
        return [=](const std::string&, const Json::Value&) -> Json::Value { throw error; };
    };
    const Sentence sentence{"what", "why", "next"};
    const std::string change = std::string("unplug-disk ") + vmId + " d1";
    CHECK(run(change, fails(NoDaemon(sentence))).code == ExitCode::NoDaemon);
    CHECK(run(change, fails(BadReply(sentence))).code == ExitCode::Protocol);
    CHECK(run("list", fails(NoAnswer(sentence))).code == ExitCode::NoDaemon);
    CHECK(run(change, fails(std::runtime_error("oops"))).code == ExitCode::Internal);

    // A change that nobody confirmed may still happen; one whose VM was only being looked up may not.
    CHECK(run(change, fails(NoAnswer(sentence))).code == ExitCode::Pending);
    CHECK(run("unplug-disk web1 d1", fails(NoAnswer(sentence))).code == ExitCode::NoDaemon);
    CHECK(run(change + " --dry-run", fails(NoAnswer(sentence))).code == ExitCode::NoDaemon);
}

TEST_CASE("W: an error says what happened, why and what to do")
{
    CHECK(run("unplug-disk web1 d1",
              refusing(46, "Failed to hotunplug disk: The guest has not answered within 30 s.",
                       "{'outcome': 'pending', 'reason': 'GUEST_NOT_RESPONDING', 'operationId': 'op-1'}")).err
          == "hotplugctl: Failed to hotunplug disk · The guest has not answered within 30 s. · the guest has not let go "
             "yet; hotplugd keeps watching; see `hotplugctl list web1`\n"
             "  reason GUEST_NOT_RESPONDING, operationId op-1\n");
    CHECK(run("plug-disk web1 --source /a --format raw",
              refusing(-32602, "Invalid params",
                       "{'errors': [{'at': '/drive/format', 'problem': 'is not allowed'}, {'at': '/drive', 'problem': 'x'}]}")).err
          == "hotplugctl: Invalid params\n  /drive/format: is not allowed\n  /drive: x\n");
    CHECK(run("plug-nic web1 --network br0",
              refusing(49, "Failed to hotplug NIC: no port is free",
                       "{'outcome': 'refused', 'reason': 'NO_FREE_PCI_PORT', 'capacity': {'nics': 0, 'scsiUnits': 12}}")).err
          == "hotplugctl: Failed to hotplug NIC · no port is free · see `hotplugctl capacity web1`\n"
             "  reason NO_FREE_PCI_PORT\n  still fit: nics 0, scsiUnits 12\n");
    CHECK_THAT(run("call nonsense", refusing(-32601, "Unknown method", "")).err, Contains("hotplugctl capabilities"));
    CHECK_THAT(run("unplug-disk web1 d1", refusing(46, "Failed: no", "{'outcome': 'refused', 'reason': 'DEVICE_NOT_FOUND'}")).err,
               Contains("see `hotplugctl list web1`"));
}

TEST_CASE("W: --json prints the daemon's error object as it came, and the sentence still goes to standard error")
{
    const Ran ran = run("vm start web1 --json", refusing(4, "Exists: really", "{'outcome': 'refused', 'extra': [1, null]}"));
    CHECK(json(ran.out) == json("{'code': 4, 'message': 'Exists: really', 'data': {'outcome': 'refused', 'extra': [1, null]}}"));
    CHECK_THAT(ran.err, Contains("Exists · really"));
}
