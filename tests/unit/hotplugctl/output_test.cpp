#include "unit/hotplugctl/fixture.h"

#include "hotplugctl/format/table.h"
#include "support/catch.h"

using namespace hotplug;
using namespace hotplug::ctl;
using namespace hotplug::ctl::test;
using Catch::Matchers::Contains;

namespace {

constexpr auto devices = R"({'status': {'code': 0, 'message': 'Done'}, 'devices': [
    {'deviceId': 'logs', 'kind': 'disk', 'plugged': true, 'state': 'plugged', 'alias': 'ua-logs', 'target': 'vdb',
     'address': {'type': 'pci', 'domain': '0x0000', 'bus': '0x05', 'slot': '0x00', 'function': '0x0'},
     'serial': 'LOGS-1', 'source': '/i/logs.qcow2', 'model': 'virtio', 'guestSeen': 'yes'},
    {'deviceId': null, 'kind': 'nic', 'plugged': true, 'state': 'drifted', 'alias': 'net0', 'address': null,
     'target': 'vnet3', 'macAddr': '52:54:00:00:00:01', 'source': 'br0', 'model': 'e1000', 'guestSeen': 'unknown',
     'problem': 'not known to hotplugd'},
    {'deviceId': 'old', 'kind': 'disk', 'plugged': false, 'state': 'unplugging', 'alias': 'ua-old', 'target': 'sda',
     'address': {'type': 'drive', 'controller': '0', 'bus': '0', 'target': '0', 'unit': '3'}, 'guestSeen': 'no'}]})";

} // namespace

TEST_CASE("B12: list VM shows a marker per state, how to name each device, and what is odd")
{
    CHECK(run("list web1", answering(devices)).out ==
          "   DEVICE        KIND  STATE       TARGET  ADDRESS       MODEL   GUEST     SERIAL/MAC         SOURCE\n"
          "●  logs          disk  plugged     vdb     0000:05:00.0  virtio  seen      LOGS-1             /i/logs.qcow2\n"
          "▲  --alias net0  nic   drifted     vnet3   -             e1000   -         52:54:00:00:00:01  br0\n"
          "◑  old           disk  unplugging  sda     0:0:0:3       -       not seen  -                  -\n"
          "--alias net0: not known to hotplugd\n");
}

TEST_CASE("B12: markers stay ASCII where the locale is")
{
    const Terminal ascii{.style = {.colour = false, .unicode = false}};
    CHECK_THAT(run("list web1", answering(devices), ascii).out, Contains("*  logs") && Contains("!  --alias") && Contains("-  old"));
    CHECK_THAT(run("nonsense", doneAnswer, ascii).err, Contains(" - see"));
}

TEST_CASE("W: list shows VMs as a table")
{
    CHECK(run("list", answering("{'vms': [{'vmId': 'u1', 'name': 'web1', 'status': 'Up', 'persistent': true},"
                                "{'vmId': 'u2', 'name': 'データ', 'status': 'Powering down', 'persistent': false}]}")).out ==
          "NAME    STATUS         PERSISTENT  UUID\n"
          "web1    Up             yes         u1\n"
          "データ  Powering down  no          u2\n");
    CHECK(run("list", answering("{'vms': []}")).out == "libvirt knows no VMs.\n");
    CHECK(run("list web1", answering("{'devices': []}")).out == "VM web1 has no disks and no network cards.\n");
}

TEST_CASE("W: vm show and capabilities show names and values")
{
    CHECK(run("vm show web1", answering("{'vm': {'vmId': 'u1', 'name': 'web1', 'status': 'Up', 'persistent': true,"
                                        "'machine': 'q35', 'memoryMiB': 2048, 'problem': 'records'}}")).out ==
          "Name        web1\nUUID        u1\nStatus      Up\nPersistent  yes\nMachine     q35\nMemory      2048 MiB\n"
          "Problem     records\n");
    CHECK_THAT(run("capabilities", answering("{'software': 'hotplugd', 'version': '0.1.0', 'connection': 'qemu:///system',"
                                             "'libvirt': true, 'diskBuses': ['virtio', 'scsi'], 'imageRoots': []}")).out,
               Contains("hotplugd 0.1.0") && Contains("qemu:///system, connected") && Contains("virtio, scsi"));
}

TEST_CASE("R4: plug-disk shows the device, warnings, a cut serial and whether the guest has seen it")
{
    const Ran ran = run("plug-disk web1 --source /i/a --format raw",
        answering("{'device': {'deviceId': 'd1', 'kind': 'disk', 'state': 'plugged', 'target': 'vdb', 'alias': 'ua-d1',"
                  "'address': null, 'serial': 'long-one', 'guestSerial': 'long', 'guestSeen': 'no'}, 'warnings': ['name is ignored']}"));
    CHECK(ran.code == ExitCode::Done);
    CHECK_THAT(ran.out, Contains("Plugged into VM web1:\n") && Contains("d1") && Contains("vdb") && Contains("cut to long.")
                            && Contains("has not read from it yet"));
    CHECK(ran.err == "warning: name is ignored\n");
}

TEST_CASE("R3: --dry-run shows the plan with its XML")
{
    const Ran ran = run("plug-disk web1 --source /i/a --format raw --dry-run",
        answering("{'dryRun': true, 'plans': [{'goal': 'plug', 'deviceId': 'd1', 'alias': 'ua-d1', 'target': 'vdb', 'persist': true,"
                  "'address': {'type': 'pci', 'domain': 0, 'bus': 5, 'slot': 0, 'function': 0}, 'xml': '<disk>\\n  <a/>\\n</disk>', 'conflicts': []}]}"));
    CHECK(ran.out == "This would be done; nothing was touched.\n"
                     "  Goal     plug\n  Device   d1\n  Alias    ua-d1\n  Address  0000:05:00.0\n  Target   vdb\n"
                     "  Where    the running VM and its definition\n"
                     "  XML\n    <disk>\n      <a/>\n    </disk>\n");
}

TEST_CASE("R2: a list shows every device, and every plan")
{
    const Ran done = run("plug-disk web1 --file -",
        answering("{'devices': [{'deviceId': 'd1', 'kind': 'disk', 'state': 'plugged', 'guestSeen': 'yes'},"
                  "{'deviceId': 'd2', 'kind': 'disk', 'state': 'plugged'}]}"), {.input = "[]"});
    CHECK_THAT(done.out, Contains("d1") && Contains("d2") && Contains("The guest has seen it."));
    const Ran planned = run("unplug-disk web1 --file - --dry-run",
        answering("{'dryRun': true, 'plans': [{'goal': 'unplug', 'alias': 'ua-d1'}, {'goal': 'unplug', 'alias': 'ua-d2'}]}"), {.input = "[]"});
    CHECK_THAT(planned.out, Contains("ua-d1") && Contains("ua-d2"));
}

TEST_CASE("C3: capacity shows what fits, what blocks and what to do")
{
    CHECK(run("capacity web1", answering("{'capacity': {'virtioDisks': 0, 'nics': 0, 'scsiUnits': 12, 'sataUnits': 6, 'ideUnits': 0, 'blockers': ["
                                         "{'of': 'virtioDisks', 'reason': 'NO_FREE_PCI_PORT', 'sentence': 'add ports while it is down'},"
                                         "{'of': 'nics', 'reason': 'NO_FREE_PCI_PORT', 'sentence': 'add ports while it is down'}]}}")).out ==
          "FITS                 FREE  BLOCKED BY\n"
          "virtio disks         0     NO_FREE_PCI_PORT\n"
          "network cards        0     NO_FREE_PCI_PORT\n"
          "SCSI disks and LUNs  12    -\n"
          "SATA places          6     -\n"
          "IDE places           0     -\n"
          "NO_FREE_PCI_PORT: add ports while it is down\n");
}

TEST_CASE("W: operations are a table, newest first")
{
    CHECK(run("operations", answering("{'operations': [{'operationId': 'op-2', 'openedAt': '2026-03-01T12:00:00.250Z', 'vmId': 'u1',"
                                      "'verb': 'hotunplugDisk', 'outcome': 'pending', 'reason': 'GUEST_BUSY', 'devices': ["
                                      "{'deviceId': 'd1', 'alias': 'ua-d1'}, {'deviceId': null, 'alias': 'net0'}]}]}")).out ==
          "OPERATION  OPENED                    VM  VERB           DEVICES   OUTCOME  REASON\n"
          "op-2       2026-03-01T12:00:00.250Z  u1  hotunplugDisk  d1, net0  pending  GUEST_BUSY\n");
    CHECK(run("operations", answering("{'operations': []}")).out == "There are no such operations.\n");
}

TEST_CASE("K9: an operation is shown with its timeline")
{
    const Ran ran = run("operation op-2", answering(
        "{'operationId': 'op-2', 'openedAt': 't1', 'vmId': 'u1', 'verb': 'hotunplugDisk', 'outcome': 'failed',"
        "'reason': 'GUEST_BUSY', 'sentence': 'later', 'uid': 0, 'pid': 7, 'devices': [{'deviceId': 'd1', 'kind': 'disk', 'address': null}],"
        "'timeline': [{'time': 't1', 'kind': 'started', 'alias': 'ua-d1'}, {'time': 't2', 'kind': 'busy', 'reason': 'GUEST_BUSY'}]}"));
    CHECK_THAT(ran.out, Contains("Outcome    failed\n") && Contains("Why        GUEST_BUSY: later\n") && Contains("uid 0, pid 7")
                            && Contains("TIME  WHAT     DEVICE  WHY\nt1    started  ua-d1   -\nt2    busy     -       GUEST_BUSY\n"));
}

TEST_CASE("K3: cancel says what came of it")
{
    CHECK_THAT(run("cancel op-2", answering("{'operationId': 'op-2', 'outcome': 'cancelled'}")).out, Contains("Cancelled operation op-2."));
    CHECK_THAT(run("cancel op-2", answering("{'operationId': 'op-2', 'outcome': 'done'}")).out, Contains("The guest was faster"));
    const Ran ran = run("cancel op-2", refusing(100, "General Exception: it is over: done", "{'outcome': 'refused', 'reason': 'NOT_CANCELLABLE'}"));
    CHECK(ran.code == ExitCode::Refused);
    CHECK_THAT(ran.err, Contains("it is over: done · see `hotplugctl operations`"));
    const Ran later = run("cancel op-2", refusing(100, "General Exception: busy", "{'outcome': 'pending', 'reason': 'GUEST_NOT_RESPONDING'}"));
    CHECK(later.code == ExitCode::Pending);
    CHECK_THAT(later.err, Contains("hotplugctl operations --open"));
}

TEST_CASE("W: what the daemon sends cannot command the terminal")
{
    const std::string evil = "{'devices': [{'deviceId': 'a\\u001b[2J', 'source': '/x\\r\\n\\u009b31m\\u202e', 'state': 'plugged',"
                             "'problem': 'bell\\u0007'}], 'warnings': ['w\\u001b'], 'device': 7}";
    for (const std::string line : {"list web1", "unplug-disk web1 d1", "list web1 --json", "call x", "vm define -"}) {
        INFO(line);
        const Ran ran = run(line, answering(evil), {.input = "<x/>"});
        for (const std::string bad : {"\x1b", "\r", "\x07", "\xc2\x9b", "\xe2\x80\xae"})
            CHECK_THAT(ran.out + ran.err, !Contains(bad));
    }
    const Ran failed = run("vm start web1", refusing(9, "No\x1b[2J: bad\nline", "{'reason': 'A\\u001b', 'errors': [{'at': '\\n', 'problem': '\\r'}]}"));
    CHECK(failed.err == "hotplugctl: No?[2J · bad?line\n  ?: ?\n  reason A?\n");
}

TEST_CASE("W: an answer of an unexpected shape is shown as far as it goes")
{
    const std::string vm = vmId;
    for (const std::string& line : {std::string("list"), "list " + vm, "vm show " + vm, std::string("capabilities"),
                                    std::string("ping"), std::string("operations"), std::string("operation x"), std::string("cancel x"),
                                    std::string("watch --timeout 0"), "vm start " + vm, "plug-disk --source a --format b " + vm,
                                    "unplug-nic " + vm + " n", "capacity " + vm, std::string("vm define -")}) {
        for (const std::string answer : {"{'vms': [1, 'x', null, [], {}], 'devices': [1, {}], 'device': [], 'vm': 3, 'warnings': [{}], 'plans': 1, 'operations': [1, {}], 'operation': [], 'capacity': {'blockers': [1, {}], 'nics': []}}",
                                         "{'vms': {}, 'devices': 3, 'device': 'x', 'operation': {'devices': 1, 'timeline': [1, []]}, 'events': {}, 'dryRun': true, 'plans': [[], 1], 'verbs': [[]], 'capacity': 7}"}) {
            INFO(line << answer);
            CHECK(run(line, answering(answer), {.input = "x"}).code == ExitCode::Done);
        }
    }
}

TEST_CASE("W: --json prints the daemon's result and nothing else")
{
    const Ran ran = run("list web1 --json", answering(devices));
    CHECK(json(ran.out) == json(devices));
    CHECK(ran.err == "");
}

TEST_CASE("W: colours surround texts and leave the columns aligned")
{
    Table table({"A", "B"});
    table.add({Cell("x", Colour::Green), "1"});
    table.add({"long", "2"});
    CHECK(table.str({.colour = true, .unicode = true}) ==
          "\x1b[1mA\x1b[0m     \x1b[1mB\x1b[0m\n\x1b[32mx\x1b[0m     1\nlong  2\n");
}
