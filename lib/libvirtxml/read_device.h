#pragma once

#include "libvirtxml/domain.h"

#include <pugixml.hpp>

namespace hotplug {

/// Adds what `node`, a child of `<devices>`, is and occupies. Reads what libvirt printed: what is missing stays empty.
void readDevice(const pugi::xml_node& node, Definition& definition);

} // namespace hotplug
