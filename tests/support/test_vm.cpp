#include "support/test_vm.h"

#include "base/uuid.h"
#include "support/leak_check.h"

#include <fmt/format.h>
#include <mutex>
#include <sstream>
#include <sys/socket.h>

namespace hotplug::test {

namespace {

std::string commandLine(bool deaf)
{
    auto line = readFile(deaf ? GUEST_SOURCE_DIR "/cmdline-deaf" : GUEST_SOURCE_DIR "/cmdline");
    return line.substr(0, line.find('\n'));
}

/// Kernel and initramfs are made once per checkout; it takes 15 s the first time.
void buildGuest()
{
    static std::once_flag once;
    std::call_once(once, [] {
        const auto built = runProgram({GUEST_SOURCE_DIR "/build", GUEST_DIR}, 300s);
        if (built.code != 0)
            throw std::runtime_error(built.err);
    });
}

void replaceAll(std::string& text, const std::string& from, const std::string& to)
{
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

/// A second monitor, by which a test may pause the guest: the daemon is the only client of an embedded libvirt.
void addMonitor(pugi::xml_node& domain, const std::string& socket)
{
    domain.append_attribute("xmlns:qemu") = "http://libvirt.org/schemas/domain/qemu/1.0";
    auto line = domain.append_child("qemu:commandline");
    line.append_child("qemu:arg").append_attribute("value") = "-qmp";
    line.append_child("qemu:arg").append_attribute("value") = ("unix:" + socket + ",server=on,wait=off").c_str();
}

unsigned numberOf(const std::string& text)
{
    return text.empty() ? 0 : static_cast<unsigned>(std::stoul(text, nullptr, 0));
}

} // namespace

TestVm::TestVm(Hotplugd& daemon, const Options& options)
    : daemon_(daemon), id_(Uuid::random().str()), name_("t" + id_.substr(0, 6)),
      console_(daemon.host().consoleDir() / name_)
{
    buildGuest();
    daemon_.must("defineVm", object({{"xml", definition(options)}}));
}

TestVm::TestVm(Hotplugd& daemon, const TestVm& migrated)
    : daemon_(daemon), id_(migrated.id_), name_(migrated.name_), console_(daemon.host().consoleDir() / name_)
{
}

TestVm::~TestVm()
{
    try {
        if (!daemon_.running())
            return;                                 // the host ends the QEMU, and says so
        const auto vm = object({{"vmId", id_}});
        if (status() != "Down")
            daemon_.call("destroyVm", vm);
        if (!configXml().empty())
            daemon_.must("undefineVm", vm);
    } catch (const std::exception& error) {
        failFromDestructor(error.what());
    }
}

std::string TestVm::definition(const Options& options) const
{
    auto xml = readFile(std::string(GUEST_SOURCE_DIR) + (options.machine == Machine::Q35 ? "/q35.xml" : "/pc.xml"));
    replaceAll(xml, "@NAME@", name_);
    replaceAll(xml, "@UUID@", id_);
    replaceAll(xml, "@MEMORY@", "256");
    replaceAll(xml, "@KERNEL@", GUEST_DIR "/vmlinuz");
    replaceAll(xml, "@INITRD@", GUEST_DIR "/initramfs");
    replaceAll(xml, "@CONSOLE@", console_.file());
    replaceAll(xml, "@CMDLINE@", commandLine(options.deaf));
    auto document = parseDomain(xml);
    auto domain = document.child("domain");
    addMonitor(domain, console_.file().string() + ".qmp");
    if (options.edit)
        options.edit(domain);
    std::ostringstream out;
    document.save(out);
    return out.str();
}

void TestVm::hasCome()
{
    commands_.reset();
    monitor_.reset();
}

void TestVm::start()
{
    hasCome();
    must("startVm", {});
}

void TestVm::boot()
{
    const auto mark = console_.mark();
    start();
    console_.waitFor(mark, "ready");
}

void TestVm::destroy()
{
    must("destroyVm", {});
}

std::string TestVm::status()
{
    Json::Value listed;
    eventually("libvirt lists its VMs", [&] {       // a machine under load may take longer than a read waits
        const auto reply = daemon_.call("listVms", object({}));
        listed = reply.result;
        return reply.ok();
    });
    for (const auto& vm : listed["vms"])
        if (vm["vmId"] == id_)
            return vm["status"].asString();
    return "Down";
}

void TestVm::tell(const std::string& command)
{
    if (!commands_)
        commands_ = connectTo(console_.file().string() + ".sock");
    const auto line = command + "\n";
    if (::send(commands_.get(), line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
        failErrno("tell the guest " + command);
}

bool TestVm::does(const std::string& command, const std::string& device)
{
    const auto mark = console_.mark();
    tell(command + " " + device);
    const auto answer = console_.waitFor(mark, command, {{"name", device}});
    return answer.text.ends_with(" ok");
}

std::vector<GuestLine> TestVm::guestDevices(const std::string& kind, const Console::Values& values)
{
    const auto mark = console_.mark();
    tell("list");
    console_.waitFor(mark, "list end");
    return console_.lines(mark, "list " + kind, values);
}

Qmp& TestVm::monitor()
{
    if (!monitor_)
        monitor_.emplace(console_.file().string() + ".qmp");
    return *monitor_;
}

void TestVm::pause()
{
    monitor().execute("stop");
    eventually("libvirt sees the pause", [this] { return status() == "Paused"; });
}

void TestVm::resume()
{
    monitor().execute("cont");
    eventually("libvirt sees the guest run", [this] { return status() == "Up"; });
}

Reply TestVm::call(const std::string& verb, Json::Value params)
{
    params["vmId"] = id_;
    return daemon_.call(verb, params);
}

Json::Value TestVm::must(const std::string& verb, Json::Value params)
{
    params["vmId"] = id_;
    return daemon_.must(verb, params);
}

Json::Value TestVm::device(const std::string& deviceId)
{
    const auto listed = must("listDevices", {});
    for (const auto& device : listed["devices"])
        if (device["deviceId"] == deviceId)
            return device;
    return {};
}

pugi::xml_document parseDomain(const std::string& xml)
{
    pugi::xml_document document;
    if (const auto parsed = document.load_string(xml.c_str()); !parsed && !xml.empty())
        throw std::runtime_error(std::string("no XML: ") + parsed.description() + "\n" + xml);
    return document;
}

pugi::xml_node deviceByAlias(const pugi::xml_document& domain, const std::string& alias)
{
    for (const auto& device : domain.child("domain").child("devices"))
        if (device.child("alias").attribute("name").value() == alias)
            return device;
    return {};
}

std::string addressText(const Json::Value& wire)
{
    const auto number = [&wire](const char* key) { return numberOf(wire[key].asString()); };
    if (wire["type"] == "drive")
        return fmt::format("{}:{}:{}:{}", number("controller"), number("bus"), number("target"), number("unit"));
    return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", number("domain"), number("bus"), number("slot"),
        number("function"));
}

std::string addressText(const pugi::xml_node& device)
{
    Json::Value wire(Json::objectValue);
    for (const auto& attribute : device.child("address").attributes())
        wire[attribute.name()] = attribute.value();
    return wire.empty() ? "" : addressText(wire);
}

} // namespace hotplug::test
