#pragma once

#include "base/reason.h"
#include "wire/jsonrpc/error.h"
#include "wire/jsonrpc/shield.h"
#include "wire/vdsm/dictionary.h"

#include <string>

namespace hotplug::test {

/// `"path":"/a","index":3` as the readers get it.
inline Json::Value dictionary(const std::string& members)
{
    auto json = wire::parseShielded("{" + members + "}");
    wire::dropEmpty(json);
    return json;
}

inline DiskRequest drive(const std::string& members, wire::Warnings& warnings)
{
    return wire::readDrive(dictionary(members), warnings);
}

inline DiskRequest drive(const std::string& members)
{
    wire::Warnings warnings;
    return drive(members, warnings);
}

/// A drive that has a source and a format already.
inline DiskRequest disk(const std::string& members)
{
    return drive(R"("path":"/a","format":"raw")" + (members.empty() ? "" : "," + members));
}

inline NicRequest nic(const std::string& members, wire::Warnings& warnings)
{
    return wire::readNic(dictionary(R"("network":"blue")" + (members.empty() ? "" : "," + members)), warnings);
}

/// A NIC that has a network already.
inline NicRequest nic(const std::string& members)
{
    wire::Warnings warnings;
    return nic(members, warnings);
}

/// `-32602 /at` or `REASON /field`, empty when it is taken.
template<typename Read> std::string verdict(Read read)
{
    try {
        read();
        return {};
    } catch (const wire::InvalidParams& invalid) {
        return "-32602 " + invalid.problems().front().at;
    } catch (const Refusal& refusal) {
        return std::string(nameOf(refusal.reason())) + " " + refusal.field();
    }
}

} // namespace hotplug::test
