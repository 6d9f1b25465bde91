#pragma once

#include "wire/jsonrpc/error.h"

#include <json/value.h>
#include <memory>
#include <string>
#include <vector>

namespace hotplug::wire {

/// A JSON Schema (draft 7), compiled once. Immutable: any number of threads may validate with it.
class Schema {
public:
    /// `$ref`s are resolved against `definitions` only. Throws std::runtime_error when the schema is none.
    Schema(Json::Value schema, const Json::Value& definitions);
    ~Schema();
    Schema(Schema&&) noexcept;
    Schema& operator=(Schema&&) noexcept;

    /// What is wrong, each thing once, where it is; empty: nothing. `format` is not checked: the type's own parse
    /// does that, because std::regex overflows the stack on long strings.
    std::vector<Problem> problemsOf(const Json::Value& value) const;

private:
    class Compiled;
    std::unique_ptr<Compiled> compiled_;
};

} // namespace hotplug::wire
