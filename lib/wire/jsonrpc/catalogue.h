#pragma once

#include "wire/jsonrpc/schema.h"

#include <json/value.h>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace hotplug::wire {

/// A verb as schema/verbs/<name>.json has it.
class VerbSchema {
public:
    VerbSchema(std::string name, const Json::Value& document, const Json::Value& definitions);

    const std::string& name() const { return name_; }           ///< `hotplugDisk`
    const std::string& engineName() const { return engineName_; } ///< `VM.hotplugDisk`, or empty.
    bool changing() const { return changing_; }
    bool waiting() const { return waiting_; }                   ///< Changes nothing, but takes as long as its caller waits.
    int code() const { return code_; }                          ///< VDSM's, for reasons without one of their own.

    /// Chooses the form of the request by its key (`drive`, `device`, `deviceId`, `alias`; empty for a verb with one form)
    /// and checks params against it. Returns the form's key; throws InvalidParams.
    const std::string& check(const Json::Value& params) const;

    /// The same, but unknown keys under the form's key are taken out of params and their pointers returned.
    std::pair<std::string, std::vector<std::string>> checkLeniently(Json::Value& params) const;

private:
    using Form = std::pair<std::string, Schema>;
    const Form& formOf(const Json::Value& params) const;

    std::string name_, engineName_;
    bool changing_, waiting_;
    int code_;
    std::vector<Form> forms_;
};

/// Everything in schema/, read and compiled once at start; immutable.
class Catalogue {
public:
    /// Throws std::runtime_error when an embedded file is not what it should be; the tests see to that.
    Catalogue();

    const std::vector<VerbSchema>& verbs() const { return verbs_; }
    /// By either name, `hotplugDisk` or `VM.hotplugDisk`. Throws std::out_of_range.
    const VerbSchema& verb(const std::string& name) const;
    /// The form that engines wrap their params in.
    const Schema& engineRequest() const { return engineRequest_; }
    /// VDSM's text of a code: `Failed to hotplug disk`.
    const std::string& textOf(int code) const;

private:
    explicit Catalogue(const Json::Value& definitions);

    Schema engineRequest_;
    std::vector<VerbSchema> verbs_;
    std::map<int, std::string> texts_;
};

/// An embedded file of schema/, parsed: `errors.json`, `verbs/ping.json`. Throws std::out_of_range.
Json::Value schemaDocument(const std::string& path);

} // namespace hotplug::wire
