#pragma once

#include "model/source.h"

#include <string>
#include <vector>

namespace hotplug {

/// Where a source lies on this host, by its words alone.
struct SourceLocation {
    std::vector<std::string> paths;             ///< At least one; the first that leads somewhere counts.
    bool inDataCenter = false;                  ///< So that the data centre's root is allowed, too.
};

/// Judges nothing. A network volume lies nowhere on this host: its one path is its reference.
SourceLocation locate(const SourceRef& source, const std::string& dataCenterRoot);

/// Refuses words that no storage can have, and ones that lead where they do not seem to (InvalidParameter).
void requireWellFormed(const SourceRef& source);

} // namespace hotplug
