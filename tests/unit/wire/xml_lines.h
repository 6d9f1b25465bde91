#pragma once

#include <set>
#include <string>

namespace hotplug::test {

/// A document as the set of what it says, whatever the order of elements and attributes: a line per attribute
/// (`/disk/target@bus=virtio`), per text (`/disk/serial=abc`) and per element that is empty (`/disk/readonly`). Further
/// elements of one name are numbered from 1 (`/disk/source/host[1]@name=h2`).
using XmlLines = std::set<std::string>;

XmlLines xmlLines(const std::string& xml);

} // namespace hotplug::test
