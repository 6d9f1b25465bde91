#include "wire/jsonrpc/shield.h"

#include "wire/jsonrpc/error.h"

#include <algorithm>
#include <json/reader.h>
#include <memory>

namespace hotplug::wire {

namespace {

Json::CharReaderBuilder strictReader()
{
    Json::CharReaderBuilder builder;
    Json::CharReaderBuilder::strictMode(&builder.settings_);
    builder["strictRoot"] = false;      // a bare value is JSON, though no request
    return builder;
}

// jsoncpp's text ends in a line feed and shows positions on lines of their own.
std::string oneLine(std::string text)
{
    std::ranges::replace(text, '\n', ' ');
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

} // namespace

Json::Value parseShielded(const std::string& text, const JsonLimits& limits)
{
    if (const auto flaw = findFlaw(text, limits))
        throw RpcError(parseErrorCode, *flaw);
    Json::Value value;
    std::string problem;
    bool parsed = false;
    try {
        static const auto builder = strictReader();     // making one takes longer than parsing a small request
        const std::unique_ptr<Json::CharReader> reader(builder.newCharReader());
        parsed = reader->parse(text.data(), text.data() + text.size(), &value, &problem);
    } catch (const std::exception& error) {
        problem = error.what();
    }
    if (!parsed)
        throw RpcError(parseErrorCode, oneLine(problem));
    return value;
}

} // namespace hotplug::wire
