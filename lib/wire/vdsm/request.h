#pragma once

#include "base/uuid.h"
#include "wire/jsonrpc/catalogue.h"
#include "wire/vdsm/dictionary.h"

#include <json/value.h>
#include <string>

namespace hotplug::wire {

/// Params that have passed their schema, in our own form whichever form they came in.
struct CheckedParams {
    Json::Value params;
    std::string form;           ///< Which key named the device: drive, nic, deviceId or alias; empty: none does.
    std::string prefix;         ///< What pointers into params start with: `/params` in the engines' form.
    Warnings warnings;

    /// params.vmId; InvalidParams when it is no UUID.
    Uuid vm() const;
    /// The dictionary of the drive or nic form.
    const Json::Value& dictionary() const { return params[form]; }
    bool hasDictionary() const { return form == "drive" || form == "nic"; }
    /// A field of a refusal as the caller sent it. Refusals name fields of a device relative to its dictionary
    /// (`/path`), others relative to the verb's params (`/vmId`, `/persist`, `/timeout`). Empty stays empty.
    std::string pointerTo(const std::string& field) const;
};

/// Checks params (null: none) of a method called by either of its names: unwraps the engines' form, takes empty
/// members for absent, honours ignoreUnknown. Throws InvalidParams, and Refusal when two vmIds disagree.
CheckedParams checkParams(const Catalogue& catalogue, const std::string& method, const Json::Value& params);

} // namespace hotplug::wire
