#pragma once

#include "model/record.h"

#include <optional>
#include <string>

namespace pugi {
class xml_node;
}

namespace hotplug {

/// Our records in a document's metadata, three-valued: none, readable, or not (newer version or damaged).
struct RecordsInXml {
    std::optional<VmRecord> records;            ///< Empty when the document has none or it cannot be read.
    std::string problem;                        ///< Why it cannot be read, for people; empty when all is well.
};

/// `domain` is the document's `<domain>` element.
RecordsInXml readRecords(const pugi::xml_node& domain);

} // namespace hotplug
