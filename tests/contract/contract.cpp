#include "contract/contract.h"

#include <algorithm>
#include <fmt/format.h>
#include <pugixml.hpp>
#include <sstream>
#include <string_view>

namespace hotplug::test {

namespace {

constexpr unsigned rootPorts = 8;

std::string controllers()
{
    std::string xml = "<controller type='pci' index='0' model='pcie-root'/>"
        "<controller type='usb' model='none'/><controller type='scsi' index='0' model='virtio-scsi'/>";
    for (unsigned port = 1; port <= rootPorts; ++port)
        xml += fmt::format("<controller type='pci' index='{0}' model='pcie-root-port'><target chassis='{0}'{1}/>"
            "</controller>", port, port == rootPorts ? " hotplug='off'" : "");
    return xml;
}

} // namespace

ContractVm::ContractVm(State state) : name_("contract-" + uuid_.str())
{
    port().define(domainXml(name_, uuid_));
    if (state == State::Running)
        port().start(uuid_);
}

ContractVm::~ContractVm()
{
    // Whatever the test has left of it.
    for (const auto end : {&Hypervisor::destroy, &Hypervisor::undefine})
        static_cast<void>(kindOf([&] { (port().*end)(uuid_); }));
}

std::string ContractVm::live() const
{
    const auto seen = port().read(uuid_);
    REQUIRE(seen.live);
    return *seen.live;
}

std::string ContractVm::config() const
{
    const auto seen = port().read(uuid_);
    REQUIRE(seen.config);
    return *seen.config;
}

std::string domainXml(const std::string& name, const Uuid& uuid, const std::string& devices)
{
    return fmt::format("<domain type='qemu'><name>{}</name><uuid>{}</uuid><memory unit='MiB'>64</memory>"
        "<vcpu>1</vcpu><os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>"
        "<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>{}<memballoon model='none'/>{}</devices></domain>",
        name, uuid.str(), controllers(), devices);
}

std::string DiskXml::str() const
{
    return fmt::format("<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{}'/>"
        "<target dev='{}' bus='{}'/>{}{}{}</disk>", image, target, bus, extra,
        alias.empty() ? "" : fmt::format("<alias name='{}'/>", alias), address);
}

std::string pciAddress(unsigned bus)
{
    return fmt::format("<address type='pci' domain='0x0000' bus='{:#04x}' slot='0x00' function='0x0'/>", bus);
}

std::string scsiAddress(unsigned unit)
{
    return fmt::format("<address type='drive' controller='0' bus='0' target='0' unit='{}'/>", unit);
}

std::string deviceIn(const std::string& domainXml, const std::string& alias)
{
    pugi::xml_document document;
    REQUIRE(document.load_string(domainXml.c_str()));
    for (const auto& device : document.document_element().child("devices").children()) {
        if (device.child("alias").attribute("name").value() != alias)
            continue;
        std::ostringstream out;
        device.print(out);
        return out.str();
    }
    return "";
}

std::string valueIn(const std::string& deviceXml, const char* child, const char* attribute)
{
    pugi::xml_document document;
    REQUIRE(document.load_string(deviceXml.c_str()));
    return document.document_element().child(child).attribute(attribute).value();
}

std::optional<ErrorKind> kindOf(const std::function<void()>& action)
{
    try {
        action();
        return std::nullopt;
    } catch (const HypervisorError& error) {
        UNSCOPED_INFO(error.what());
        return error.kind();
    }
}

EventLog::EventLog()
    : subscription_(port().subscribe([this](const Event& event) {
          const std::lock_guard lock(mutex_);
          events_.push_back(event);
          arrived_.notify_all();
      }))
{
}

bool EventLog::sees(const std::function<bool(const Event&)>& wanted)
{
    std::unique_lock lock(mutex_);
    return arrived_.wait_for(lock, std::chrono::seconds(10), [&] { return std::ranges::any_of(events_, wanted); });
}

bool EventLog::sees(Event::Kind kind, const Uuid& vm, const std::string& alias)
{
    return sees([&](const Event& event) {
        return event.kind == kind && event.vm == vm && event.alias.str() == alias;
    });
}

std::size_t EventLog::size() const
{
    const std::lock_guard lock(mutex_);
    return events_.size();
}

} // namespace hotplug::test
