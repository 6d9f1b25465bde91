#pragma once

#include "unit/wire/xml_lines.h"

#include <span>
#include <string>
#include <vector>

namespace hotplug::test {

/// Where we do not do as VDSM did, and why.
struct Deviation {
    std::vector<std::string> ids;
    const char* reason;
    std::string refused = {};                   ///< Our refusal of the input as it is.
    std::string dropped = {};                   ///< The key without which it is taken; its XML is compared then.
    XmlLines differing = {};                    ///< What the XML says differently.
    bool taken = false;                         ///< VDSM refused it, we take it.
};

std::span<const Deviation> allDeviations();

} // namespace hotplug::test
