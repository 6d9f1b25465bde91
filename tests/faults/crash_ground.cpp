#include "faults/crash_ground.h"

#include "integration/virsh.h"
#include "support/leak_check.h"

#include <filesystem>
#include <iterator>

namespace hotplug::test {

namespace {

std::string descriptorsOf(pid_t process)
{
    const std::filesystem::directory_iterator open("/proc/" + std::to_string(process) + "/fd");
    return std::to_string(std::distance(begin(open), end(open)));
}

} // namespace

std::string name(LibvirtKind libvirt)
{
    return libvirt == LibvirtKind::Private ? "libvirtd" : "embed";
}

CrashGround::CrashGround(LibvirtKind kind, bool deaf)
    : libvirt(kind), libvirtd(kind == LibvirtKind::Private ? std::make_unique<Libvirtd>(host) : nullptr),
      daemon(host, {}, HOTPLUGD_CRASHING_BINARY),
      vm(daemon, {.machine = TestVm::Machine::Q35, .deaf = deaf}), orders(host.stateDir())
{
    vm.boot();
}

/// A failure may have left no hotplugd to end the VM.
CrashGround::~CrashGround()
{
    try {
        orders.forget();
        if (!daemon.running())
            daemon.start();
    } catch (const std::exception& error) {
        failFromDestructor(error.what());
    }
}

void CrashGround::forgetInDefinition(const std::string& alias)
{
    const auto document = parseDomain(vm.configXml());
    document.child("domain").child("devices").remove_child(deviceByAlias(document, alias));
    if (libvirt == LibvirtKind::Embedded) {
        document.save_file((host.embedRoot() / "etc/qemu" / (vm.name() + ".xml")).c_str());
        return;
    }
    const auto file = host.path() / "redefined.xml";
    document.save_file(file.c_str());
    mustVirsh(host, {"define", file});
}

bool CrashGround::endedByLibvirt() const
{
    const auto log = readFile(host.embedRoot() / "log/qemu" / (vm.name() + ".log"));
    return vm.liveXml().empty() && log.find("reason=daemon") != std::string::npos;
}

Snapshot CrashGround::census()
{
    vm.guestDevices("disk");                        // the test's own connections are always among them
    auto& qemu = vm.monitor();
    return {{{"devices", qemu.execute("qom-list", R"({"path": "/machine/peripheral"})")},
        {"block nodes", qemu.execute("query-named-block-nodes")},
        {"network", qemu.execute("human-monitor-command", R"({"command-line": "info network"})")},
        {"descriptors", descriptorsOf(host.qemus().front())}}};
}

} // namespace hotplug::test
