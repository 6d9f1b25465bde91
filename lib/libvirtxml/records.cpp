#include "libvirtxml/records.h"

#include "libvirtxml/domain.h"
#include "libvirtxml/upgrade_records.h"

#include <array>
#include <charconv>
#include <fmt/format.h>
#include <pugixml.hpp>
#include <set>
#include <sstream>
#include <string_view>

namespace hotplug {

namespace {

/// One step per version that there has been before this one.
constexpr std::array<UpgradeStep, VmRecord::currentVersion - 1> upgradeSteps{};

constexpr std::string_view unreadable =
    "the records of hotplugd in this VM's metadata are damaged (repair or remove them with virsh metadata): ";

std::string_view localName(const pugi::xml_node& node)
{
    const std::string_view full = node.name();
    const auto colon = full.find(':');
    return colon == std::string_view::npos ? full : full.substr(colon + 1);
}

bool isOurs(const pugi::xml_node& node)
{
    for (const auto& attribute : node.attributes())
        if (std::string_view(attribute.name()).starts_with("xmlns") && attribute.value() == std::string_view(recordSpace))
            return localName(node) == "vm";
    return false;
}

std::uint64_t numberOf(const pugi::xml_node& node, const char* key)
{
    const std::string_view text = node.attribute(key).value();
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size())
        throw XmlError(fmt::format("{}{} \"{}\"", unreadable, key, text));
    return value;
}

bool yesNo(const pugi::xml_node& node, const char* key)
{
    const std::string_view text = node.attribute(key).value();
    if (text != "yes" && text != "no")
        throw XmlError(fmt::format("{}{} \"{}\"", unreadable, key, text));
    return text == "yes";
}

DeviceRecord parseDevice(const pugi::xml_node& node)
{
    const std::string_view kind = node.attribute("kind").value();
    const auto id = DeviceId::parse(node.attribute("id").value());
    if (!id || (kind != "disk" && kind != "nic"))
        throw XmlError(fmt::format("{}device \"{}\" of kind \"{}\"", unreadable, node.attribute("id").value(), kind));
    return {.id = *id,
        .kind = kind == "disk" ? DeviceKind::Disk : DeviceKind::Nic,
        .plugged = yesNo(node, "plugged"),
        .persist = yesNo(node, "persist"),
        .source = node.attribute("source").value(),
        .serial = node.attribute("serial").value(),
        .mac = node.attribute("mac").value(),
        .address = node.attribute("address").value()};
}

VmRecord parseNewest(const pugi::xml_node& node)
{
    VmRecord records;
    records.counter = numberOf(node, "counter");
    std::set<std::string_view> ids;
    for (const auto& child : node.children()) {
        if (localName(child) != "device")
            continue;
        records.devices.push_back(parseDevice(child));
        if (const std::string_view id = child.attribute("id").value(); !ids.insert(id).second)
            throw XmlError(fmt::format("{}device \"{}\" stands there twice", unreadable, id));
    }
    return records;
}

VmRecord parseVm(const pugi::xml_node& node)
{
    const auto version = numberOf(node, "version");
    if (version == 0)
        throw XmlError(fmt::format("{}version \"0\"", unreadable));
    if (version > VmRecord::currentVersion)
        throw XmlError(fmt::format("the records of hotplugd in this VM's metadata have version {}, newer than {}; "
            "use the hotplugd that wrote them", version, VmRecord::currentVersion));
    if (version == VmRecord::currentVersion)
        return parseNewest(node);
    pugi::xml_document upgraded;
    const auto copy = upgraded.append_copy(node);
    upgradeRecords(copy, version, upgradeSteps);
    return parseNewest(copy);
}

void appendIf(pugi::xml_node& node, const char* key, const std::string& value)
{
    if (!value.empty())
        node.append_attribute(key) = value.c_str();
}

void printDevice(pugi::xml_node& vm, const DeviceRecord& record)
{
    auto node = vm.append_child("device");
    node.append_attribute("id") = record.id.str().c_str();
    node.append_attribute("kind") = std::string(name(record.kind)).c_str();
    node.append_attribute("plugged") = record.plugged ? "yes" : "no";
    node.append_attribute("persist") = record.persist ? "yes" : "no";
    appendIf(node, "source", record.source);
    appendIf(node, "serial", record.serial);
    appendIf(node, "mac", record.mac);
    appendIf(node, "address", record.address);
}

} // namespace

RecordsInXml readRecords(const pugi::xml_node& domain)
{
    RecordsInXml found;
    for (const auto& node : domain.child("metadata").children()) {
        if (!isOurs(node))
            continue;
        if (found.records)
            return {std::nullopt, std::string(unreadable) + "they stand there twice"};
        try {
            found.records = parseVm(node);
        } catch (const XmlError& error) {
            return {std::nullopt, error.what()};
        }
    }
    return found;
}

std::string printRecords(const VmRecord& records)
{
    pugi::xml_document document;
    auto vm = document.append_child("vm");
    vm.append_attribute("version") = VmRecord::currentVersion;
    vm.append_attribute("counter") = static_cast<unsigned long long>(records.counter);
    for (const auto& record : records.devices)
        printDevice(vm, record);
    std::ostringstream text;
    vm.print(text, "", pugi::format_raw);
    return text.str();
}

} // namespace hotplug
