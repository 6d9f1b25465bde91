#pragma once

#include "base/clock.h"
#include "base/uuid.h"
#include "wire/jsonrpc/catalogue.h"
#include "wire/vdsm/dictionary.h"

#include <json/value.h>
#include <string>

namespace hotplug::wire {

/// Params that have passed their schema, in our own form whichever form they came in.
struct CheckedParams {
    Json::Value params;
    /// Which key names what is changed: drive, nic, device (a list of drives), deviceId or alias; empty: none does.
    std::string form;
    std::string prefix;         ///< What pointers into params start with: `/params` in the engines' form.
    Warnings warnings;

    /// A key that must be there; InvalidParams when it is no UUID.
    Uuid uuid(const char* key) const;
    Uuid vm() const { return uuid("vmId"); }
    /// `timeout` milliseconds after the request's arrival, 30000 when there is none.
    Clock::time_point deadline(Clock::time_point arrival) const;
    /// The idempotency key (SPEC R3), empty when there is none; InvalidParams when it is not printable.
    std::string requestId() const;
    /// What must be equal for two calls to be one request: compact JSON with sorted keys, in the plain form, without
    /// what may differ between retries and what is ignored. A text too long to be kept is its digest.
    std::string canonicalText() const;
    bool isList() const { return form == "device"; }
    bool hasDictionaries() const { return isList() || form == "drive" || form == "nic"; }
    /// How many devices are named.
    std::size_t entries() const { return isList() ? params[form].size() : 1; }
    /// The dictionary of a device; without dictionaries the params themselves, where deviceId or alias stand.
    const Json::Value& entry(std::size_t index) const;
    /// Where that stands in what the caller sent: `/drive`, `/params/device/1`, the prefix.
    std::string pointerToEntry(std::size_t index) const;
    /// A field of a refusal as the caller sent it. A field of a device begins with its entry (`/1/path`), any other
    /// is the verb's (`/vmId`); those that all entries share (`/0/persist`) are the verb's too. Empty stays empty.
    std::string pointerTo(const std::string& field) const;
};

/// A key of an entry of the list form, for people: `device[1].path`.
std::string nameInList(std::size_t entry, const std::string& key);

/// Checks params (null: none) of a method called by either of its names: unwraps the engines' form, takes empty
/// members for absent, honours ignoreUnknown. Throws InvalidParams, and Refusal when two vmIds disagree.
CheckedParams checkParams(const Catalogue& catalogue, const std::string& method, const Json::Value& params);

} // namespace hotplug::wire
