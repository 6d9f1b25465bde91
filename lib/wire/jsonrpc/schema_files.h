#pragma once

#include <span>
#include <string_view>

namespace hotplug::wire {

/// One file of schema/ as it was when the binary was built.
struct SchemaFile {
    std::string_view path;              ///< Relative to schema/: `verbs/ping.json`.
    std::string_view text;
};

/// All of them, sorted by path. The build writes the definition.
std::span<const SchemaFile> schemaFiles();

} // namespace hotplug::wire
