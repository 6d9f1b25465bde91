#include "hotplugctl/format/operations.h"

#include "hotplugctl/address_text.h"
#include "hotplugctl/format/json_text.h"
#include "hotplugctl/format/printable.h"
#include "hotplugctl/format/table.h"
#include "model/outcome.h"

#include <fmt/ostream.h>
#include <ostream>

namespace hotplug::ctl {

namespace {

Colour colourOf(const std::string& outcome)
{
    if (outcome == name(Outcome::Done))
        return Colour::Green;
    if (outcome == name(Outcome::Failed))
        return Colour::Red;
    return outcome == name(Outcome::Cancelled) || outcome == name(Outcome::Moved) ? Colour::Dim : Colour::Yellow;
}

Cell outcomeCell(const Json::Value& operation)
{
    const std::string outcome = textOf(operation, "outcome");
    return {outcome, colourOf(outcome)};
}

/// What to type after `unplug-disk VM`.
std::string handleOf(const Json::Value& device)
{
    const std::string id = textOf(device, "deviceId");
    return id.empty() ? textOf(device, "alias") : id;
}

std::string devicesOf(const Json::Value& operation)
{
    std::string text;
    for (const Json::Value& device : elementsOf(memberOf(operation, "devices")))
        text += (text.empty() ? "" : ", ") + handleOf(device);
    return text;
}

/// `REASON: sentence`, or what there is of it.
std::string whyOf(const Json::Value& value)
{
    const std::string reason = textOf(value, "reason"), sentence = textOf(value, "sentence");
    return reason + (reason.empty() || sentence.empty() ? "" : ": ") + sentence;
}

void addDevices(const Json::Value& operation, Table& table)
{
    for (const Json::Value& device : elementsOf(memberOf(operation, "devices")))
        table.add({"Device", fmt::format("{}, {} at {}", handleOf(device), textOf(device, "kind"),
                                         addressText(memberOf(device, "address")))});
}

Table timelineOf(const Json::Value& operation)
{
    Table table({"TIME", "WHAT", "DEVICE", "WHY"});
    for (const Json::Value& event : elementsOf(memberOf(operation, "timeline")))
        table.add({textOf(event, "time"), textOf(event, "kind"), textOf(event, "alias"), whyOf(event)});
    return table;
}

} // namespace

void showOperations(const Shown& shown)
{
    const auto operations = elementsOf(memberOf(shown.result, "operations"));
    if (operations.empty()) {
        shown.out << "There are no such operations.\n";
        return;
    }
    Table table({"OPERATION", "OPENED", "VM", "VERB", "DEVICES", "OUTCOME", "REASON"});
    for (const Json::Value& one : operations)
        table.add({textOf(one, "operationId"), textOf(one, "openedAt"), textOf(one, "vmId"), textOf(one, "verb"),
                   devicesOf(one), outcomeCell(one), textOf(one, "reason")});
    shown.out << table.str(shown.style);
}

void showOperation(const Shown& shown)
{
    const Json::Value& operation = shown.result;
    Table table;
    table.add({"Operation", textOf(operation, "operationId")});
    table.add({"Verb", textOf(operation, "verb")});
    table.add({"VM", textOf(operation, "vmId")});
    addDevices(operation, table);
    table.add({"Outcome", outcomeCell(operation)});
    table.add({"Why", whyOf(operation)});
    table.add({"Opened", textOf(operation, "openedAt")});
    table.add({"Settled", textOf(operation, "settledAt")});
    table.add({"Request", textOf(operation, "requestId")});
    table.add({"Asked by", fmt::format("uid {}, pid {}", textOf(operation, "uid"), textOf(operation, "pid"))});
    shown.out << table.str(shown.style) << '\n' << timelineOf(operation).str(shown.style);
}

void showCancelled(const Shown& shown)
{
    if (textOf(shown.result, "outcome") == name(Outcome::Done))
        shown.out << "The guest was faster: the device is unplugged.\n";
    else
        fmt::print(shown.out, "Cancelled operation {}. Should the guest let go after all, `hotplugctl watch` says so.\n",
                   printable(textOf(shown.result, "operationId")));
}

} // namespace hotplug::ctl
