#pragma once

#include "unit/wire/xml_lines.h"

#include <json/value.h>
#include <optional>
#include <string>
#include <vector>

namespace hotplug::test {

/// What a generation of VDSM's device classes made of one dictionary (data/vdsm-device-xml.json).
struct Vector {
    std::string id, name, profile;
    bool nic = false;
    Json::Value input;                          ///< As the engine sent it: without the path that preparation put in.
    std::string path;                           ///< Where preparation found the storage.
    bool blockDevice = false;
    std::optional<unsigned> index;              ///< VDSM chose another one than the dictionary's.
    std::optional<std::string> xml;             ///< Empty: VDSM refused.
};

std::vector<Vector> allVectors();

/// What we make of a vector's input.
struct Translation {
    std::string refused;                        ///< `-32602 /at` or `REASON /field`; empty when it was taken.
    XmlLines lines;                             ///< Also of what can be translated, but planning refuses to plug.
};

/// Through the verb's schema and the reader into XML, placed where the vector has it, and judged by planning's rules. `dropped`: a key to leave out.
Translation translate(const Vector& vector, const std::string& dropped = {});

/// What VDSM's XML and ours say differently: `-/disk/tune/…` is VDSM's alone, `+/disk/…` ours. Without what differs by
/// design in every device.
XmlLines differences(const XmlLines& theirs, const XmlLines& ours);

} // namespace hotplug::test
