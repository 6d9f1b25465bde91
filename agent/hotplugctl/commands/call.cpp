#include "hotplugctl/commands.h"
#include "hotplugctl/errors.h"
#include "hotplugctl/format/json_text.h"

#include <fmt/format.h>
#include <istream>
#include <iterator>
#include <ostream>

namespace hotplug::ctl {

namespace {

Json::Value paramsFrom(const std::string& json, std::istream& in)
{
    const std::string text = json == "-" ? std::string(std::istreambuf_iterator(in), {}) : json;
    std::string problem;
    if (auto params = parseJson(text, problem))
        return *std::move(params);
    throw UsageError("the params are not JSON", problem);
}

Request request(const Command&, const Arguments& arguments, std::istream& in)
{
    return {*arguments.get("VERB"), paramsFrom(arguments.get("JSON").value_or("{}"), in)};
}

} // namespace

Command call()
{
    return {
        .name = "call",
        .summary = "Call any verb with raw params and print its result as JSON",
        .examples = "hotplugctl call getCapabilities\n"
                    "hotplugctl call hotunplugDisk '{\"vmId\": \"9f3c…\", \"deviceId\": \"logs\"}'\n"
                    "hotplugctl call VM.hotplugDisk - < params.json",
        .options = {{.name = "VERB", .help = "The verb's name on the wire", .required = true},
                    {.name = "JSON", .help = "Its params, an object; - for standard input; none without it"}},
        .changes = true,
        .request = request,
        .show = [](const Shown& shown) { shown.out << prettyJson(shown.result) << '\n'; },
    };
}

} // namespace hotplug::ctl
