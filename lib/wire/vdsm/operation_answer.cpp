#include "wire/vdsm/operation_answer.h"

#include "wire/vdsm/answer.h"

#include <fmt/chrono.h>

namespace hotplug::wire {

namespace {

using std::chrono::system_clock;

// RFC 3339 in UTC, `2026-03-01T12:00:00.250Z`.
std::string timeText(system_clock::time_point time)
{
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    const auto rest = std::chrono::floor<milliseconds>(time - whole);
    return fmt::format("{:%FT%T}.{:03}Z", fmt::gmtime(system_clock::to_time_t(whole)), rest.count());
}

void addReason(Json::Value& json, std::optional<Reason> reason, const std::string& sentence)
{
    if (reason)
        json["reason"] = std::string(nameOf(*reason));
    if (!sentence.empty())
        json["sentence"] = sentence;
}

Json::Value idOf(const std::optional<DeviceId>& id)
{
    return id ? Json::Value(id->str()) : Json::Value();
}

Json::Value deviceOf(const Plan& plan)
{
    Json::Value json;
    json["deviceId"] = idOf(plan.device);
    json["alias"] = plan.alias.str();
    json["kind"] = std::string(name(plan.kind));
    json["address"] = plan.address ? toJson(*plan.address) : Json::Value();
    json["target"] = plan.target;
    return json;
}

// What timelines and watchers are told alike.
Json::Value happened(const JournalEvent& event)
{
    Json::Value json;
    json["time"] = timeText(event.time);
    json["kind"] = std::string(name(event.kind));
    if (!event.alias.empty())
        json["alias"] = event.alias;
    addReason(json, event.reason, event.sentence);
    return json;
}

Json::Value watched(const JournalEvent& event)
{
    auto json = happened(event);
    json["cursor"] = cursorText(event.cursor);
    json["vmId"] = event.vm.str();
    if (event.operation)
        json["operationId"] = event.operation->str();
    if (const auto id = Alias(event.alias).deviceId())
        json["deviceId"] = id->str();
    return json;
}

void addListed(Json::Value& json, const JournalEntry& entry)
{
    json["operationId"] = entry.id.str();
    json["vmId"] = entry.intent.vm().str();
    json["verb"] = entry.verb;
    json["outcome"] = std::string(name(entry.outcome));
    addReason(json, entry.reason, entry.sentence);
    json["devices"] = Json::arrayValue;
    for (const auto& plan : entry.intent.plans)
        json["devices"].append(deviceOf(plan));
    if (!entry.requestId.empty())
        json["requestId"] = entry.requestId;
    json["openedAt"] = timeText(entry.opened);
    if (entry.settled)
        json["settledAt"] = timeText(*entry.settled);
    json["uid"] = entry.uid;
    json["pid"] = entry.pid;
}

} // namespace

std::string cursorText(std::uint64_t cursor)
{
    return std::to_string(cursor);
}

Json::Value listedOperation(const verbs::OperationView& view)
{
    Json::Value json;
    addListed(json, view.entry);
    return json;
}

void addOperation(Json::Value& result, const verbs::OperationView& view)
{
    addListed(result, view.entry);
    if (view.entry.intent.plans.size() == 1)
        result["deviceId"] = idOf(view.entry.intent.plans.front().device);
    result["timeline"] = Json::arrayValue;
    for (const auto& event : view.timeline)
        result["timeline"].append(happened(event));
}

void addEvents(Json::Value& result, const verbs::EventPage& page)
{
    result["events"] = Json::arrayValue;
    for (const auto& event : page.events)
        result["events"].append(watched(event));
    result["cursor"] = cursorText(page.cursor);
}

} // namespace hotplug::wire
