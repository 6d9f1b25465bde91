#pragma once

#include "storage/block_devices.h"

#include <string>
#include <vector>

namespace hotplug {

/// The caller's name, then those of the others that a document can hold, each once.
std::vector<std::string> documentNames(const std::string& callers, const std::vector<std::string>& others);

/// Whether the kernel would find something at the end of a path. Blocks as long as the storage does.
bool leadsSomewhere(const std::string& path);

/// Every name that the host shows for what a path leads to, as documentNames(); only the path when it leads nowhere.
/// Opens nothing and allows nothing. Blocks as long as the storage does.
std::vector<std::string> namesBehind(const BlockDevices& devices, const std::string& path);

/// A name in /dev becomes the node it leads to; all others, and those that lead out of /dev, stay. Never blocks.
std::string canonicalName(const std::string& name);

} // namespace hotplug
