#include "hotplugctl/format/events.h"

#include "hotplugctl/format/json_text.h"
#include "hotplugctl/format/printable.h"

#include <fmt/ostream.h>
#include <ostream>

namespace hotplug::ctl {

namespace {

Colour colourOf(const std::string& kind)
{
    if (kind == "done")
        return Colour::Green;
    if (kind == "failed" || kind == "drift")
        return Colour::Red;
    if (kind == "busy" || kind == "pending" || kind == "removedAfterCancel")
        return Colour::Yellow;
    return Colour::Plain;
}

std::string orDash(const std::string& text)
{
    return text.empty() ? "-" : printable(text);
}

/// Columns stay in their places without anybody knowing what comes: UUIDs have one width, kinds a longest.
std::string lineOf(const Json::Value& event, const Style& style)
{
    const std::string kind = textOf(event, "kind");
    std::string line = fmt::format("{}  {}  {:36}  {:36}  {}", orDash(textOf(event, "time")),
        style.paint(fmt::format("{:18}", orDash(kind)), colourOf(kind)), orDash(textOf(event, "vmId")),
        orDash(textOf(event, "operationId")), orDash(textOf(event, "alias")));
    for (const char* key : {"reason", "sentence"})
        if (const std::string text = textOf(event, key); !text.empty())
            line += "  " + printable(text);
    return line + '\n';
}

} // namespace

void showEvents(const Shown& shown)
{
    for (const Json::Value& event : elementsOf(memberOf(shown.result, "events")))
        shown.out << lineOf(event, shown.style);
}

} // namespace hotplug::ctl
