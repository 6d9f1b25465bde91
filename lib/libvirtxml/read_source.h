#pragma once

#include "libvirtxml/domain.h"

#include <pugixml.hpp>
#include <string_view>

namespace hotplug {

/// libvirt writes PCI numbers as 0x hex and drive numbers as decimals.
std::optional<unsigned> readNumber(const pugi::xml_attribute& attribute);

/// Type, volume and every layer of a `<disk>`.
void readSources(const pugi::xml_node& node, DomainDisk& disk);

} // namespace hotplug
