#include "libvirtxml/device_parts.h"

#include <array>

namespace hotplug {

namespace {

constexpr std::size_t typicalDevice = 512;      // bytes: one allocation for nearly all

struct Appending : pugi::xml_writer {
    void write(const void* data, std::size_t size) override { text.append(static_cast<const char*>(data), size); }

    std::string text;
};

/// `0x` and at least as many digits as libvirt writes.
void setHex(pugi::xml_node node, const char* key, unsigned value, unsigned digits)
{
    std::array<char, 2 + 2 * sizeof value> buffer;
    auto at = buffer.size();
    for (; value != 0 || digits > 0; value >>= 4, digits -= digits > 0)
        buffer[--at] = "0123456789abcdef"[value & 0xf];
    buffer[--at] = 'x';
    buffer[--at] = '0';
    set(node, key, std::string_view(buffer.data() + at, buffer.size() - at));
}

} // namespace

void set(pugi::xml_node node, const char* key, std::string_view value)
{
    node.append_attribute(key).set_value(value.data(), value.size());
}

void set(pugi::xml_node node, const char* key, unsigned value)
{
    node.append_attribute(key).set_value(value);
}

void printAddress(pugi::xml_node parent, const PciAddress& address)
{
    auto node = parent.append_child("address");
    set(node, "type", "pci");
    setHex(node, "domain", address.domain, 4);
    setHex(node, "bus", address.bus, 2);
    setHex(node, "slot", address.slot, 2);
    setHex(node, "function", address.function, 1);
}

void printAddress(pugi::xml_node parent, const DriveAddress& address)
{
    auto node = parent.append_child("address");
    set(node, "type", "drive");
    set(node, "controller", address.controller);
    set(node, "bus", address.bus);
    set(node, "target", address.target);
    set(node, "unit", address.unit);
}

void printAddress(pugi::xml_node parent, const Address& address)
{
    std::visit([&parent](const auto& one) { printAddress(parent, one); }, address);
}

void printBootOrder(pugi::xml_node device, const std::optional<unsigned>& order)
{
    if (order)
        set(device.append_child("boot"), "order", *order);
}

void printAlias(pugi::xml_node device, const Alias& alias)
{
    set(device.append_child("alias"), "name", alias.str());
}

std::string textOf(const pugi::xml_node& node)
{
    Appending out;
    out.text.reserve(typicalDevice);
    node.print(out, "", pugi::format_raw);
    return std::move(out.text);
}

} // namespace hotplug
