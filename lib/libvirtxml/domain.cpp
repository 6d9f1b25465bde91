#include "libvirtxml/domain.h"

#include "libvirtxml/read_device.h"
#include "libvirtxml/records.h"

#include <pugixml.hpp>
#include <string_view>

namespace hotplug {

namespace {

Machine parseMachine(std::string_view machine)
{
    if (machine.find("q35") != std::string_view::npos)
        return Machine::Q35;
    if (machine == "pc" || machine.starts_with("pc-"))
        return Machine::Pc;
    return Machine::Other;
}

std::uint64_t parseMemoryMiB(const pugi::xml_node& domain)
{
    constexpr std::uint64_t kibPerMib = 1024;   // libvirt always prints KiB
    return domain.child("memory").text().as_ullong() / kibPerMib;
}

pugi::xml_document load(const std::string& xml)
{
    pugi::xml_document document;
    if (const auto result = document.load_buffer(xml.data(), xml.size()); !result)
        throw XmlError(std::string("domain XML: ") + result.description());
    return document;
}

Definition readDefinition(const pugi::xml_node& domain)
{
    const auto uuid = Uuid::parse(domain.child("uuid").text().get());
    if (!uuid)
        throw XmlError("domain XML: no UUID");
    Definition definition;
    definition.uuid = *uuid;
    definition.name = domain.child("name").text().get();
    definition.machine = parseMachine(domain.child("os").child("type").attribute("machine").value());
    definition.memoryMiB = parseMemoryMiB(domain);
    definition.bootDevices = static_cast<bool>(domain.child("os").child("boot"));
    for (const auto& node : domain.child("devices").children())
        readDevice(node, definition);
    return definition;
}

} // namespace

std::string nameInDefinition(const std::string& xml)
{
    pugi::xml_document document;
    document.load_buffer(xml.data(), xml.size());
    return document.child("domain").child("name").text().get();
}

void addDevice(Domain& domain, const std::string& deviceXml, bool persist)
{
    const auto document = load(deviceXml);
    for (auto* definition : {&domain.live, persist ? &domain.config : nullptr})
        if (definition && *definition)
            readDevice(document.first_child(), **definition);
}

Definition parseDefinition(const std::string& xml)
{
    return readDefinition(load(xml).child("domain"));
}

Domain parseDomain(VmStatus status, const std::optional<std::string>& live, const std::optional<std::string>& config)
{
    Domain domain;
    domain.status = status;
    for (const auto* xml : {&config, &live}) {
        if (!*xml)
            continue;
        const auto document = load(**xml);
        const auto root = document.child("domain");
        (xml == &live ? domain.live : domain.config) = readDefinition(root);
        const auto found = readRecords(root);
        if (!found.problem.empty())
            domain.recordsProblem = found.problem;
        if (found.records && found.records->counter >= domain.records.counter)
            domain.records = *found.records;
        (xml == &live ? domain.liveRecords : domain.configRecords) = found.records;
    }
    return domain;
}

} // namespace hotplug
