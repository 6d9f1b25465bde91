#include "support/fake_domain.h"

#include <algorithm>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

namespace hotplug::test {

namespace {

constexpr const char* recordSpace = "urn:hotplugd:vm:1";

[[noreturn]] void fail(ErrorKind kind, const std::string& text)
{
    throw HypervisorError(kind, text);
}

std::string text(const pugi::xml_node& node)
{
    std::ostringstream out;
    node.print(out, "  ");
    return out.str();
}

std::string aliasOf(const pugi::xml_node& device)
{
    return device.child("alias").attribute("name").value();
}

std::string targetOf(const pugi::xml_node& device)
{
    return std::string_view(device.name()) == "disk" ? device.child("target").attribute("dev").value() : "";
}

std::string sourceOf(const pugi::xml_node& disk)
{
    const auto source = disk.child("source");
    const std::string file = source.attribute("file").value();
    return file.empty() ? source.attribute("dev").value() : file;
}

/// One text for one place, whatever the base its numbers are written in; empty without an address.
std::string placeOf(const pugi::xml_node& device)
{
    const auto address = device.child("address");
    const std::string type = address.attribute("type").value();
    std::string place = type;
    const auto add = [&](const char* key) { place += ':' + std::to_string(address.attribute(key).as_uint()); };
    if (type == "pci") {
        for (const auto* key : {"domain", "bus", "slot", "function"})
            add(key);
    } else if (type == "drive") {
        place += device.child("target").attribute("bus").value();
        for (const auto* key : {"controller", "bus", "target", "unit"})
            add(key);
    }
    return place;
}

std::string bootOf(const pugi::xml_node& device)
{
    return device.child("boot").attribute("order").value();
}

bool isDevice(const pugi::xml_node& node)
{
    return std::string_view(node.name()) == "disk" || std::string_view(node.name()) == "interface";
}

template<typename Key> void refuseDuplicate(const pugi::xml_node& devices, const pugi::xml_node& added, Key key,
    ErrorKind kind, const char* what)
{
    const std::string wanted = key(added);
    if (wanted.empty())
        return;
    for (const auto& other : devices.children())
        if (other != added && key(other) == wanted)
            fail(kind, what + (": " + wanted));
}

/// libvirt's checks of a device that has been put into the document.
void checkAdded(const pugi::xml_node& devices, const pugi::xml_node& added)
{
    refuseDuplicate(devices, added, targetOf, ErrorKind::TargetInUse, "target already exists");
    refuseDuplicate(devices, added, aliasOf, ErrorKind::AliasInUse, "non unique alias detected");
    refuseDuplicate(devices, added, placeOf, ErrorKind::AddressInUse, "Attempted double use of address");
    if (!bootOf(added).empty() && devices.parent().child("os").child("boot"))
        fail(ErrorKind::BootOrderUnsupported, "per-device boot elements cannot be used together with os/boot elements");
    refuseDuplicate(devices, added, bootOf, ErrorKind::BootOrderInUse, "boot order is already used by another device");
}

void checkHotpluggable(const pugi::xml_node& device)
{
    const std::string bus = device.child("target").attribute("bus").value();
    if (bus == "sata" || bus == "ide")
        fail(ErrorKind::NotHotpluggable, "Bus '" + bus + "' does not support hotplugging");
}

pugi::xml_document parseDevice(const std::string& xml)
{
    auto document = parseXml(xml);
    const auto device = document.document_element();
    if (!isDevice(device))
        fail(ErrorKind::Invalid, std::string("unknown device type '") + device.name() + "'");
    if (std::string_view(device.name()) == "disk" && targetOf(device).empty())
        fail(ErrorKind::Invalid, "missing target information for device");
    return document;
}

/// The one child that `wanted` accepts, or an empty node.
template<typename Wanted> pugi::xml_node findDevice(const pugi::xml_node& devices, Wanted wanted)
{
    return devices.find_child([&](const pugi::xml_node& node) { return isDevice(node) && wanted(node); });
}

/// As libvirt matches an XML without alias: a disk by its target, a NIC by its MAC.
pugi::xml_node findLike(const pugi::xml_node& devices, const pugi::xml_node& like)
{
    const auto mac = [](const pugi::xml_node& nic) { return nic.child("mac").attribute("address").as_string(); };
    const bool disk = std::string_view(like.name()) == "disk";
    return findDevice(devices, [&](const pugi::xml_node& node) {
        if (std::string_view(node.name()) != like.name())
            return false;
        return disk ? targetOf(node) == targetOf(like) : std::string_view(mac(node)) == mac(like);
    });
}

pugi::xml_node findAlias(const pugi::xml_node& devices, const Alias& alias)
{
    return findDevice(devices, [&](const pugi::xml_node& node) { return aliasOf(node) == alias.str(); });
}

/// libvirt moves the element into our namespace by giving it and its children a prefix.
void addPrefix(pugi::xml_node node)
{
    node.set_name((std::string("hotplugd:") + node.name()).c_str());
    for (auto child : node.children())
        addPrefix(child);
}

void eraseRecords(pugi::xml_node metadata)
{
    while (auto ours = metadata.find_child_by_attribute("xmlns:hotplugd", recordSpace))
        metadata.remove_child(ours);
}

} // namespace

pugi::xml_document parseXml(const std::string& xml)
{
    pugi::xml_document document;
    if (const auto result = document.load_string(xml.c_str()); !result)
        fail(ErrorKind::Invalid, std::string("XML error: ") + result.description());
    return document;
}

FakeDomain::FakeDomain(const std::string& xml)
{
    config_.emplace();
    config_->xml = parseXml(xml);
    auto domain = config_->xml.document_element();
    if (std::string_view(domain.name()) != "domain" || !domain.child("memory") || !domain.child("os"))
        fail(ErrorKind::Invalid, "XML document failed to validate against schema");
    name_ = domain.child_value("name");
    if (name_.empty())
        fail(ErrorKind::Invalid, "missing domain name information");
    uuid_ = Uuid::parse(domain.child_value("uuid")).value_or(Uuid::random());
    if (!domain.child("uuid"))
        domain.insert_child_after("uuid", domain.child("name")).text() = uuid_.str().c_str();
    if (!domain.child("devices"))
        domain.append_child("devices");
    const bool ordered = !!findDevice(config_->devices(), [](const auto& node) { return !bootOf(node).empty(); });
    if (!ordered && !domain.child("os").child("boot"))
        domain.child("os").append_child("boot").append_attribute("dev") = "hd";
}

DomainXml FakeDomain::read() const
{
    DomainXml seen{.live = {}, .config = {}, .status = status};
    if (live_)
        seen.live = text(live_->xml.document_element());
    if (config_)
        seen.config = text(config_->xml.document_element());
    return seen;
}

void FakeDomain::start()
{
    if (live_)
        fail(ErrorKind::Exists, "domain is already running");
    status = VmStatus::Running;
    live_ = std::exchange(saved_, std::nullopt);
    if (live_)
        return;
    live_ = config_;
    live_->xml.document_element().append_attribute("id") = ++starts_;
    for (auto device : live_->devices().children())
        if (isDevice(device) && aliasOf(device).empty())
            device.append_child("alias").append_attribute("name") = freshAlias().c_str();
}

void FakeDomain::stop()
{
    requireActive();
    live_.reset();
    status = VmStatus::Down;
}

void FakeDomain::save()
{
    saved_ = live_;
    stop();
}

void FakeDomain::undefine()
{
    if (!config_)
        fail(ErrorKind::Invalid, "cannot undefine transient domain");
    config_.reset();
}

/// Applies a change to copies of the documents and keeps them when it held for all, the definition first as in libvirt.
template<typename Change> void FakeDomain::change(Scope scope, Change&& apply)
{
    if (scope != Scope::Config)
        requireActive();
    if (scope != Scope::Live && !config_)
        fail(ErrorKind::Invalid, "transient domains do not have any persistent config");
    auto live = live_, config = config_;
    if (scope != Scope::Live)
        apply(*config, false);
    if (scope != Scope::Config)
        apply(*live, true);
    live_ = std::move(live);
    config_ = std::move(config);
}

void FakeDomain::redefine(const std::string& xml)
{
    config_ = FakeDomain(xml).config_;
}

void FakeDomain::attach(Scope scope, const std::string& deviceXml)
{
    const auto parsed = parseDevice(deviceXml);
    change(scope, [&](Document& document, bool isLive) {
        auto added = document.devices().append_copy(parsed.document_element());
        if (!aliasOf(added).starts_with("ua-"))
            added.remove_child("alias");        // libvirt drops such names without a word.
        if (isLive && !added.child("alias"))
            added.append_child("alias").append_attribute("name") = freshAlias().c_str();
        checkAdded(document.devices(), added);
        if (isLive)
            checkHotpluggable(added);
    });
}

void FakeDomain::update(Scope scope, const std::string& deviceXml)
{
    const auto parsed = parseDevice(deviceXml);
    const auto wanted = parsed.document_element();
    change(scope, [&](Document& document, bool) {
        auto device = findLike(document.devices(), wanted);
        if (!device)
            fail(ErrorKind::DeviceMissing, "device not found");
        for (const auto* part : {"source", "link"}) {
            device.remove_child(part);
            if (wanted.child(part))
                device.append_copy(wanted.child(part));
        }
    });
}

void FakeDomain::writeRecords(Scope scope, const std::string& xml)
{
    const auto parsed = xml.empty() ? pugi::xml_document() : parseXml(xml);
    change(scope, [&](Document& document, bool) {
        auto domain = document.xml.document_element();
        auto metadata = domain.child("metadata");
        if (!metadata)
            metadata = domain.insert_child_after("metadata", domain.child("uuid"));
        eraseRecords(metadata);
        if (xml.empty())
            return;
        auto ours = metadata.append_copy(parsed.document_element());
        addPrefix(ours);
        ours.prepend_attribute("xmlns:hotplugd") = recordSpace;
    });
}

void FakeDomain::removeLive(const Alias& alias)
{
    if (live_)
        live_->devices().remove_child(findAlias(live_->devices(), alias));
}

void FakeDomain::removeConfig(const Alias& alias)
{
    change(Scope::Config, [&](Document& document, bool) {
        if (!document.devices().remove_child(findAlias(document.devices(), alias)))
            fail(ErrorKind::DeviceMissing, "no device found with alias " + alias.str());
    });
}

void FakeDomain::removeTwin(const std::string& deviceXml)
{
    const auto parsed = parseDevice(deviceXml);
    change(Scope::Config, [&](Document& document, bool) {
        if (!document.devices().remove_child(findLike(document.devices(), parsed.document_element())))
            fail(ErrorKind::DeviceMissing, "device not found");
    });
}

void FakeDomain::requireActive() const
{
    if (!live_)
        fail(ErrorKind::NotRunning, "domain is not running");
}

bool FakeDomain::hasLive(const Alias& alias) const
{
    return live_ && findAlias(live_->devices(), alias);
}

bool FakeDomain::hasLiveTarget(const std::string& target) const
{
    return live_ && findDevice(live_->devices(), [&](const auto& node) { return targetOf(node) == target; });
}

std::multiset<std::string> FakeDomain::lockedSources() const
{
    std::multiset<std::string> sources;
    if (live_)
        for (const auto& disk : live_->devices().children("disk"))
            if (!disk.child("shareable") && !disk.child("readonly") && !sourceOf(disk).empty())
                sources.insert(sourceOf(disk));
    return sources;
}

std::string FakeDomain::freshAlias()
{
    return "device" + std::to_string(aliases_++);
}

} // namespace hotplug::test
