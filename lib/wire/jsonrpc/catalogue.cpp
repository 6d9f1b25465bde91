#include "wire/jsonrpc/catalogue.h"

#include "wire/jsonrpc/schema_files.h"
#include "wire/jsonrpc/schema_problems.h"
#include "wire/jsonrpc/shield.h"

#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>

namespace hotplug::wire {

namespace {

constexpr std::string_view verbFolder = "verbs/";
constexpr std::string_view suffix = ".json";
constexpr std::size_t maxDropped = 64;          // each costs a validation, and nobody's dictionary has more

std::string joined(const std::vector<std::string>& words)
{
    return fmt::format("{}", fmt::join(words, ", "));
}

Json::Value& childOf(Json::Value& parent, const std::string& step)
{
    return parent.isArray() ? parent[static_cast<Json::ArrayIndex>(std::stoul(step))] : parent[step];
}

// Takes the value at `/drive/specParams/x` or `/device/1/x` out of params.
void removeAt(Json::Value& params, const std::string& pointer)
{
    auto* parent = &params;
    auto start = std::size_t{1};
    for (auto end = pointer.find('/', start); end != std::string::npos; end = pointer.find('/', start)) {
        parent = &childOf(*parent, pointer.substr(start, end - start));
        start = end + 1;
    }
    for (const auto& key : parent->getMemberNames())
        if (pointerStep(key) == pointer.substr(start - 1))
            parent->removeMember(key);
}

} // namespace

VerbSchema::VerbSchema(std::string name, const Json::Value& document, const Json::Value& definitions)
    : name_(std::move(name)), engineName_(document["engineName"].asString()), changing_(document["changing"].asBool()),
      waiting_(document["waiting"].asBool()), code_(document["code"].asInt())
{
    for (const auto& key : document["forms"].getMemberNames())
        forms_.emplace_back(key, Schema(document["forms"][key], definitions));
    if (document.isMember("params"))
        forms_.emplace_back(std::string(), Schema(document["params"], definitions));
    if (forms_.empty())
        throw std::runtime_error("schema of " + name_ + " has no params");
}

const VerbSchema::Form& VerbSchema::formOf(const Json::Value& params) const
{
    // From behind, so that drive and nic win: a deviceId or device beside one is the unknown key, not the dictionary.
    const auto named = std::ranges::find_if(forms_.rbegin(), forms_.rend(), [&](const Form& form) {
        return !form.first.empty() && params.isMember(form.first);
    });
    if (named != forms_.rend())
        return *named;
    if (forms_.size() == 1)
        return forms_.front();
    std::vector<std::string> keys;
    for (const auto& form : forms_)
        keys.push_back(form.first);
    throw InvalidParams("", "one of " + joined(keys) + " is required");
}

const std::string& VerbSchema::check(const Json::Value& params) const
{
    if (!params.isObject())
        throw InvalidParams("", "must be an object: parameters are given by name");
    const auto& form = formOf(params);
    auto problems = form.second.problemsOf(params);
    if (!problems.empty())
        throw InvalidParams(std::move(problems));
    return form.first;
}

std::pair<std::string, std::vector<std::string>> VerbSchema::checkLeniently(Json::Value& params) const
{
    std::vector<std::string> dropped;
    for (;;) {
        try {
            return {check(params), dropped};
        } catch (const InvalidParams& invalid) {
            const auto inside = "/" + formOf(params).first + "/";
            const auto before = dropped.size();
            for (const auto& problem : invalid.problems())
                if (problem.unknownKey && problem.at.starts_with(inside))
                    dropped.push_back(problem.at);
            if (dropped.size() == before || dropped.size() > maxDropped)
                throw;
            for (auto i = before; i < dropped.size(); ++i)
                removeAt(params, dropped[i]);
        }
    }
}

Catalogue::Catalogue() : Catalogue(schemaDocument("definitions.json")["definitions"]) {}

Catalogue::Catalogue(const Json::Value& definitions) : engineRequest_(definitions["engineRequest"], definitions)
{
    for (const auto& file : schemaFiles()) {
        if (!file.path.starts_with(verbFolder))
            continue;
        const auto name = file.path.substr(verbFolder.size(), file.path.size() - verbFolder.size() - suffix.size());
        verbs_.emplace_back(std::string(name), schemaDocument(std::string(file.path)), definitions);
    }
    const auto texts = schemaDocument("errors.json")["codes"];
    for (const auto& code : texts.getMemberNames())
        texts_.emplace(std::stoi(code), texts[code].asString());
}

const VerbSchema& Catalogue::verb(const std::string& name) const
{
    const auto named = [&](const VerbSchema& verb) { return verb.name() == name || verb.engineName() == name; };
    const auto found = std::ranges::find_if(verbs_, named);
    if (found == verbs_.end())
        throw std::out_of_range("no schema for verb " + name);
    return *found;
}

const std::string& Catalogue::textOf(int code) const
{
    return texts_.at(code);
}

Json::Value schemaDocument(const std::string& path)
{
    const auto files = schemaFiles();
    const auto found = std::ranges::find(files, path, &SchemaFile::path);
    if (found == files.end())
        throw std::out_of_range("no schema file " + path);
    return parseShielded(std::string(found->text));
}

} // namespace hotplug::wire
