#include "unit/hotplugctl/fixture.h"

#include "hotplugctl/format/json_text.h"
#include "support/catch.h"

using namespace hotplug;
using namespace hotplug::ctl;
using namespace hotplug::ctl::test;
using Catch::Matchers::Contains;

namespace {

struct Case {
    const char* line;
    const char* verb;
    const char* params;                         ///< Without vmId, which every one of them must have.
};

const Case deviceCases[] = {
    {"plug-disk V --source /i/a --format qcow2", "hotplugDisk",
     "{'drive': {'type': 'disk', 'device': 'disk', 'path': '/i/a', 'format': 'qcow2'}, 'waitForGuest': true}"},
    {"plug-disk V --source /i/a --format raw --bus scsi --id d1 --serial S1 --shared --readonly --boot-order 3 "
     "--cache none --address 0:0:1:3 --target-index 27 --dry-run --no-persist --timeout 2.5",
     "hotplugDisk",
     "{'drive': {'type': 'disk', 'device': 'disk', 'path': '/i/a', 'format': 'raw', 'iface': 'scsi', 'deviceId': 'd1',"
     "'serial': 'S1', 'shared': true, 'readonly': true, 'bootOrder': 3, 'cache': 'none', 'index': 27,"
     "'address': {'type': 'drive', 'controller': '0', 'bus': '0', 'target': '1', 'unit': '3'}},"
     "'waitForGuest': true, 'dryRun': true, 'persist': false, 'timeout': 2500}"},
    {"plug-disk --address 0000:05:1f.7 --format odd --source x V", "hotplugDisk",
     "{'drive': {'type': 'disk', 'device': 'disk', 'path': 'x', 'format': 'odd',"
     "'address': {'type': 'pci', 'domain': '0x0000', 'bus': '0x05', 'slot': '0x1f', 'function': '0x7'}}, 'waitForGuest': true}"},
    {"unplug-disk V d1", "hotunplugDisk", "{'deviceId': 'd1'}"},
    {"unplug-disk V --guid 36a", "hotunplugDisk", "{'drive': {'GUID': '36a'}}"},
    {"unplug-disk V --source nbd://h/e", "hotunplugDisk", "{'drive': {'protocol': 'nbd', 'name': 'e', 'hosts': [{'name': 'h'}]}}"},
    {"unplug-disk V --address 0:0:0:3", "hotunplugDisk",
     "{'drive': {'address': {'type': 'drive', 'controller': '0', 'bus': '0', 'target': '0', 'unit': '3'}}}"},
    {"unplug-disk V --source /i/a --timeout 60", "hotunplugDisk", "{'drive': {'path': '/i/a'}, 'timeout': 60000}"},
    {"--timeout 60 unplug-disk V --serial S1", "hotunplugDisk", "{'drive': {'serial': 'S1'}, 'timeout': 60000}"},
    {"unplug-disk V --alias virtio-disk1 --no-persist", "hotunplugDisk", "{'alias': 'virtio-disk1', 'persist': false}"},
    {"plug-nic V --network br0", "hotplugNic", "{'nic': {'type': 'interface', 'device': 'bridge', 'network': 'br0'}}"},
    {"plug-nic V --network br0 --mac 52:54:00:00:00:01 --model e1000 --id n1 --mtu 9000 --link-down --boot-order 1 "
     "--address 06:00.0 --dry-run",
     "hotplugNic",
     "{'nic': {'type': 'interface', 'device': 'bridge', 'network': 'br0', 'macAddr': '52:54:00:00:00:01',"
     "'nicModel': 'e1000', 'deviceId': 'n1', 'mtu': 9000, 'linkActive': false, 'bootOrder': 1,"
     "'address': {'type': 'pci', 'domain': '0x0000', 'bus': '0x06', 'slot': '0x00', 'function': '0x0'}}, 'dryRun': true}"},
    {"plug-nic V --network br0 --inbound 1000,5000,1024 --outbound 128,,256 --queues 4 --filter f --filter-parameters IP=10.0.0.1,MAC=a "
     "--isolated",
     "hotplugNic",
     "{'nic': {'type': 'interface', 'device': 'bridge', 'network': 'br0', 'queues': 4, 'filter': 'f', 'port_isolated': true,"
     "'filterParameters': [{'name': 'IP', 'value': '10.0.0.1'}, {'name': 'MAC', 'value': 'a'}],"
     "'specParams': {'inbound': {'average': '1000', 'peak': '5000', 'burst': '1024'}, 'outbound': {'average': '128', 'burst': '256'}}}}"},
    {"plug-nic V --link eth1", "hotplugNic", "{'nic': {'type': 'interface', 'device': 'bridgeless', 'network': 'eth1'}}"},
    {"plug-nic V --link eth1 --profile gold", "hotplugNic",
     "{'nic': {'type': 'interface', 'device': 'vnlink', 'network': 'eth1', 'specParams': {'profile': 'gold'}}}"},
    {"plug-nic V --vf 0000:05:00.1", "hotplugNic", "{'nic': {'type': 'interface', 'device': 'sriov', 'hostdev': '0000:05:00.1'}}"},
    {"unplug-nic V --address 05:00.0", "hotunplugNic",
     "{'nic': {'address': {'type': 'pci', 'domain': '0x0000', 'bus': '0x05', 'slot': '0x00', 'function': '0x0'}}}"},
    {"capacity V", "capacity", "{}"},
    {"unplug-disk V d1 --request-id engine-7", "hotunplugDisk", "{'deviceId': 'd1', 'requestId': 'engine-7'}"},
    {"plug-nic V --network br0 --request-id a:b", "hotplugNic",
     "{'nic': {'type': 'interface', 'device': 'bridge', 'network': 'br0'}, 'requestId': 'a:b'}"},
    {"operations V", "listOperations", "{}"},
    {"operations V --open --limit 7", "listOperations", "{'open': true, 'limit': 7}"},
    {"unplug-nic V n1", "hotunplugNic", "{'deviceId': 'n1'}"},
    {"unplug-nic V --mac 52:54:00:00:00:01", "hotunplugNic", "{'nic': {'macAddr': '52:54:00:00:00:01'}}"},
    {"unplug-nic V --alias net0", "hotunplugNic", "{'alias': 'net0'}"},
    {"list V", "listDevices", "{}"},
    {"vm show V", "getVm", "{}"},
    {"vm start V", "startVm", "{}"},
    {"vm shutdown V", "shutdownVm", "{}"},
    {"vm destroy V --timeout 5", "destroyVm", "{'timeout': 5000}"},
    {"vm undefine V", "undefineVm", "{}"},
};

struct SourceCase {
    const char* options;
    const char* members;                        ///< Of the drive, beside its type, device and format.
};

const SourceCase sourceCases[] = {
    {"--source /odd://name", "'path': '/odd://name'"},
    {"--guid 36a", "'GUID': '36a'"},
    {"--uuid 0A1B-2C3D", "'UUID': '0A1B-2C3D'"},
    {"--image p/d/i/v", "'poolID': 'p', 'domainID': 'd', 'imageID': 'i', 'volumeID': 'v'"},
    {"--source iscsi://10.0.0.5:3261/iqn.2024-01.org:a/1 --user u --secret s",
     "'protocol': 'iscsi', 'name': 'iqn.2024-01.org:a/1', 'hosts': [{'name': '10.0.0.5', 'port': '3261'}], 'auth': {'username': 'u', 'uuid': 's'}"},
    {"--source nbd://[fd00::1]:10809", "'protocol': 'nbd', 'hosts': [{'name': 'fd00::1', 'port': '10809'}]"},
    {"--source rbd://h1,h2:6790/pool/image",
     "'protocol': 'rbd', 'name': 'pool/image', 'hosts': [{'name': 'h1'}, {'name': 'h2', 'port': '6790'}]"},
    {"--source rbd:///pool/image", "'protocol': 'rbd', 'name': 'pool/image', 'hosts': []"},
    {"--source /dev/sdb --managed-reservation --optional --discard unmap --propagate-errors report --bytes-per-second 1048576 --iops 100",
     "'path': '/dev/sdb', 'managed_reservation': true, 'optional': true, 'discard': 'unmap', 'propagateErrors': 'report',"
     "'specParams': {'ioTune': {'total_bytes_sec': 1048576, 'total_iops_sec': 100}}"},
};

std::string withVm(std::string line, const std::string& vm)
{
    return line.replace(line.find('V'), 1, vm);
}

} // namespace

TEST_CASE("W: a command line becomes a verb and its params")
{
    for (const Case& one : deviceCases) {
        INFO(one.line);
        const Ran ran = run(withVm(one.line, vmId));
        CHECK(ran.err == "");
        CHECK(ran.code == ExitCode::Done);
        REQUIRE(ran.calls.size() == 1);
        Json::Value expected = json(one.params);
        expected["vmId"] = vmId;
        CHECK(ran.calls[0].verb == one.verb);
        CHECK(ran.calls[0].params == expected);
    }
}

TEST_CASE("W: commands without a VM send what they need and no more")
{
    for (const auto& [line, verb] : {std::pair("list", "listVms"), {"vm list", "listVms"}, {"ping", "ping"}, {"operations", "listOperations"},
                                     {"capabilities", "getCapabilities"}, {"call getVmStats", "getVmStats"}}) {
        INFO(line);
        const Ran ran = run(line);
        REQUIRE(ran.calls.size() == 1);
        CHECK(ran.calls[0].verb == verb);
        CHECK(ran.calls[0].params == Json::Value(Json::objectValue));
    }
}

TEST_CASE("W: an operation is named by its id")
{
    CHECK(run("operation op-1").calls.at(0).params == json("{'operationId': 'op-1'}"));
    CHECK(run("operation op-1").calls.at(0).verb == "getOperation");
    const Ran ran = run("cancel op-1 --timeout 5");
    CHECK(ran.calls.at(0).verb == "cancelOperation");
    CHECK(ran.calls.at(0).params == json("{'operationId': 'op-1', 'timeout': 5000}"));
    CHECK(ran.calls.at(0).wait.count() == 15'000);
}

TEST_CASE("W: a VM's name is looked up, its UUID is not")
{
    const Ran ran = run("vm start web1");
    REQUIRE(ran.calls.size() == 2);
    CHECK(ran.calls[0].verb == "listVms");
    CHECK(ran.calls[1].params == json("{'vmId': '5d0b2a1e-0c7b-4b56-9c1e-3f1f6a0b9d11'}"));
    CHECK(run("vm start 5D0B2A1E-0C7B-4B56-9C1E-3F1F6A0B9D11").calls.size() == 1);
}

TEST_CASE("W: an unknown name is refused in the daemon's own form")
{
    const Ran ran = run("plug-nic web2 --network br0 --json");
    CHECK(ran.code == ExitCode::Refused);
    CHECK(ran.calls.size() == 1);
    CHECK_THAT(ran.err, Contains("no VM has the UUID or name 'web2'") && Contains("hotplugctl list"));
    std::string problem;
    const auto error = parseJson(ran.out, problem);
    REQUIRE(error);
    CHECK((*error)["code"] == 1);
    CHECK((*error)["data"]["reason"] == "VM_NOT_FOUND");
}

TEST_CASE("W: call sends params as they are, from the command line or standard input")
{
    CHECK(runWords({"call", "VM.hotplugDisk", R"({"vmID": "x", "params": {"a": [1, "-2"]}})"}).calls.at(0).params
          == json("{'vmID': 'x', 'params': {'a': [1, '-2']}}"));
    CHECK(runWords({"call", "x", "[1, 2]"}).calls.at(0).params == json("[1, 2]"));
    CHECK(runWords({"call", "x", "-"}, doneAnswer, {.input = "{\"b\": true}\n"}).calls.at(0).params == json("{'b': true}"));
}

TEST_CASE("A4: a disk's storage is named by path, URL, GUID, UUID or image")
{
    for (const auto& [options, members] : sourceCases) {
        INFO(options);
        const auto sent = run(withVm("plug-disk V --format raw --lun ", vmId) + options).calls.at(0).params;
        CHECK(sent["drive"] == json(std::string("{'type': 'disk', 'device': 'lun', 'format': 'raw', ") + members + "}"));
    }
}

TEST_CASE("R2: a file has one drive or a list of them")
{
    const auto sent = [](const std::string& line, const std::string& input) {
        return run(withVm(line, vmId), doneAnswer, {.input = json(input).toStyledString()}).calls.at(0).params;
    };
    CHECK(sent("plug-disk V --file - --no-persist", "[{'path': '/a', 'format': 'raw'}, {'GUID': '36', 'format': 'raw'}]")
          == json(std::string("{'vmId': '") + vmId + "', 'waitForGuest': true, 'persist': false,"
                  "'device': [{'path': '/a', 'format': 'raw'}, {'GUID': '36', 'format': 'raw'}]}"));
    CHECK(sent("plug-disk V --file -", "{'path': '/a'}")["drive"] == json("{'path': '/a'}"));
    CHECK(sent("unplug-disk V --file - --timeout 5", "[{'deviceId': 'd1'}]")["device"] == json("[{'deviceId': 'd1'}]"));
    CHECK_THAT(run("plug-disk web1 --file - --bus scsi", doneAnswer, {.input = "[]"}).err, Contains("--file and --bus do not go together"));
    CHECK_THAT(run("unplug-disk web1 --file -", doneAnswer, {.input = "[}"}).err, Contains("is not JSON"));
}

TEST_CASE("W: vm define sends the file or standard input byte by byte")
{
    const std::string xml = "<domain type='kvm'>\n  <name>ä</name>\n</domain>\n";
    const Ran ran = run("vm define -", answering("{'vmId': 'abc'}"), {.input = xml});
    CHECK(ran.calls.at(0).params["xml"] == xml);
    CHECK(ran.out == "Defined VM abc.\n");
}

TEST_CASE("W: what cannot be understood is usage, and nobody is asked")
{
    const std::vector<std::string> lines = {
        "", "nonsense", "vm", "vm jump web1", "plug-disk", "plug-disk web1", "plug-disk web1 --source /a",
        "plug-disk web1 --source /a --format raw --boot-order two", "plug-disk web1 --source /a --format raw --address here",
        "plug-disk web1 --source /a --format raw --address 1:2:3", "plug-disk web1 --source /a --format raw extra",
        "plug-disk web1 --source /a --format raw --colour red", "plug-disk web1 --source /a --guid b --format raw",
        "plug-disk web1 --source http://a/b --format raw", "plug-disk web1 --image a/b/c --format raw", "plug-disk web1 --format raw",
        "plug-disk web1 --file /nowhere/at/all", "operation", "cancel", "operations --limit few", "plug-nic web1", "plug-nic web1 --network a --link b",
        "plug-nic web1 --network a --inbound 1,2,3,4", "plug-nic web1 --network a --filter-parameters IP", "unplug-disk web1", "unplug-disk web1 d1 --alias net0",
        "unplug-nic web1 --mac 1 --alias 2", "ping --timeout soon", "ping --timeout -1", "ping --timeout 1e9",
        "ping --timeout nan", "call", "call x {", "call x 3", "call x {}{}", "vm define /nowhere/at/all", "vm define /tmp",
        "vm define -",
    };
    for (const std::string& line : lines) {
        INFO(line);
        const Ran ran = run(line);
        CHECK(ran.code == ExitCode::Usage);
        CHECK(ran.calls.empty());
        CHECK(ran.out == "");
        CHECK_THAT(ran.err, Contains("hotplugctl: ") && Contains(" · see `hotplugctl") && Contains("--help"));
    }
    CHECK_THAT(run("nonsense").err, Contains("no command 'nonsense'"));
}

TEST_CASE("W: help and version go to standard output")
{
    for (const std::string line : {"--help", "plug-disk --help", "vm --help", "vm start -h", "--version"}) {
        INFO(line);
        const Ran ran = run(line);
        CHECK(ran.code == ExitCode::Done);
        CHECK(ran.out != "");
        CHECK(ran.err == "");
        CHECK(ran.calls.empty());
    }
    CHECK_THAT(run("plug-disk --help").out, Contains("Examples:") && Contains("--source PATH|URL") && Contains("--file FILE"));
    CHECK_THAT(run("plug-nic --help").out, Contains("--vf PCI") && Contains("AVERAGE[,PEAK[,BURST]]"));
    CHECK_THAT(run("--help").out, Contains("HOTPLUGD_SOCKET") && Contains("69"));
}

TEST_CASE("W: we wait longer than the daemon's deadline")
{
    const auto waited = [](const std::string& line) { return run(line).calls.back().wait.count(); };
    CHECK(waited("unplug-disk web1 d1") == 40'000);
    CHECK(waited("unplug-disk web1 d1 --timeout 120") == 130'000);
    CHECK(waited("list --timeout 3") == 3'000);
    CHECK(waited("vm start web1 --timeout 3") == 13'000);
    CHECK(waited("call hotunplugDisk {\"timeout\":90000}") == 100'000);
    CHECK(waited("call VM.hotunplugDisk {\"params\":{\"timeout\":90000}}") == 100'000);
}

TEST_CASE("W: --socket goes before the environment's socket")
{
    CHECK(run("ping").socket == "/default.sock");
    CHECK(run("ping --socket /other.sock").socket == "/other.sock");
}
