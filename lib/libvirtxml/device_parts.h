#pragma once

#include "model/address.h"
#include "model/identity.h"

#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>

namespace hotplug {

// What the XML of disks and NICs is made of. A plan costs microseconds: no text is formatted that could be copied.

void set(pugi::xml_node node, const char* key, std::string_view value);
void set(pugi::xml_node node, const char* key, unsigned value);

/// `<address type='pci' …/>` as a child of any element.
void printAddress(pugi::xml_node parent, const PciAddress& address);
void printAddress(pugi::xml_node parent, const DriveAddress& address);
void printAddress(pugi::xml_node parent, const Address& address);
void printBootOrder(pugi::xml_node device, const std::optional<unsigned>& order);
void printAlias(pugi::xml_node device, const Alias& alias);

/// The element and all inside it, in one line.
std::string textOf(const pugi::xml_node& node);

} // namespace hotplug
