// The only file that includes valijson: 5 to 54 seconds to compile.
#include "wire/jsonrpc/schema.h"

#include "wire/jsonrpc/schema_problems.h"

#include <valijson/adapters/jsoncpp_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace hotplug::wire {

namespace {

// Drops what only documents. `format` must go: valijson reads a value with a format as a string and throws when it
// is something else.
void dropRemarks(Json::Value& schema)
{
    if (schema.isObject()) {
        for (const char* remark : {"format", "description", "title", "default"})
            if (!schema[remark].isObject())     // an object is a property of that name
                schema.removeMember(remark);
        for (const auto& name : schema.getMemberNames())
            dropRemarks(schema[name]);
    } else if (schema.isArray()) {
        for (auto& element : schema)
            dropRemarks(element);
    }
}

// The definitions that a schema needs: each compiled schema keeps its own, and all of them are 100 KiB.
void addReferenced(const Json::Value& part, const Json::Value& all, Json::Value& needed)
{
    constexpr std::string_view local = "#/definitions/";
    if (part.isObject() && part["$ref"].isString()) {
        const auto name = part["$ref"].asString().substr(local.size());
        if (!needed.isMember(name)) {
            needed[name] = all[name];
            addReferenced(all[name], all, needed);
        }
    }
    for (const auto& child : part)
        addReferenced(child, all, needed);
}

} // namespace

class Schema::Compiled {
public:
    explicit Compiled(Json::Value document) : document_(std::move(document))
    {
        valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
        parser.populateSchema(valijson::adapters::JsonCppAdapter(document_), schema_);
    }

    std::vector<Problem> problemsOf(const Json::Value& value) const
    {
        // One validator per call: it keeps a cache that is not thread-safe.
        valijson::Validator validator;
        valijson::ValidationResults results;
        const valijson::adapters::JsonCppAdapter target(value);
        if (validator.validate(schema_, target, nullptr))
            return {};
        validator.validate(schema_, target, &results);
        std::vector<RawError> errors;
        valijson::ValidationResults::Error error;
        while (results.popError(error))
            errors.push_back({error.context, error.description});
        return readable(errors, document_);
    }

private:
    Json::Value document_;
    valijson::Schema schema_;
};

Schema::Schema(Json::Value schema, const Json::Value& definitions)
{
    Json::Value needed(Json::objectValue);
    addReferenced(schema, definitions, needed);
    schema["definitions"] = std::move(needed);
    dropRemarks(schema);
    compiled_ = std::make_unique<Compiled>(std::move(schema));
}

Schema::~Schema() = default;
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;

std::vector<Problem> Schema::problemsOf(const Json::Value& value) const
{
    try {
        return compiled_->problemsOf(value);
    } catch (const std::exception& error) {
        return {{"", std::string("cannot be checked: ") + error.what(), false}};
    }
}

} // namespace hotplug::wire
