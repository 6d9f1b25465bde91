#include "faults/storm_journal.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <algorithm>
#include <fmt/format.h>

namespace hotplug::test {

namespace {

constexpr const char* everyOperation = "SELECT id, vm, verb, outcome, settled_ms IS NOT NULL FROM operation";
constexpr const char* everyAlias = "SELECT id, alias FROM operation JOIN operation_device USING (sequence)";
constexpr const char* everyRequest = "SELECT id, request FROM operation WHERE request IS NOT NULL UNION ALL "
    "SELECT id, joined_request.request FROM operation JOIN joined_request USING (sequence)";
constexpr const char* everyEvent = "SELECT vm, ifnull(operation, ''), alias, kind FROM event ORDER BY cursor";

template<typename TakeRow> void forEach(const SQLite::Database& journal, const char* select, TakeRow&& take)
{
    SQLite::Statement row(journal, select);
    while (row.executeStep())
        take(row);
}

void tell(StormJournal::Device& device, const std::string& event)
{
    constexpr std::size_t enough = 12;
    device.story.push_back(event);
    if (device.story.size() > enough)
        device.story.erase(device.story.begin());
}

std::string text(SQLite::Statement& row, int column)
{
    return row.getColumn(column).getString();
}

} // namespace

StormJournal::StormJournal(const TestHost& host)
{
    const SQLite::Database journal(host.stateDir() / "journal.sqlite", SQLite::OPEN_READONLY, 5000);
    forEach(journal, everyOperation, [&](auto& row) {
        operations_[text(row, 0)] = {text(row, 1), text(row, 2), text(row, 3), row.getColumn(4).getInt() != 0, {}, {}};
    });
    forEach(journal, everyAlias, [&](auto& row) { operations_[text(row, 0)].aliases.insert(text(row, 1)); });
    forEach(journal, everyRequest, [&](auto& row) { operations_[text(row, 0)].requests.insert(text(row, 1)); });
    forEach(journal, everyEvent, [&](auto& row) { apply({text(row, 0), text(row, 1), text(row, 2), text(row, 3)}); });
}

void StormJournal::apply(const Event& event)
{
    const bool left = event.kind == "removedAfterCancel";
    if (left || event.kind == "drift") {
        auto& device = devices_[{event.vm, event.alias}];
        device.word = Word::Unsure;
        device.leftAfterCancel |= left;
        tell(device, event.kind);
    } else if (const auto operation = operations_.find(event.operation); operation != operations_.end()) {
        for (const auto& alias : operation->second.aliases)
            apply(event.kind, operation->second, devices_[{event.vm, alias}]);
    }
}

/// A plug that fails leaves what was there before, of a device that had drifted, too.
void StormJournal::apply(const std::string& kind, const Operation& operation, Device& device)
{
    const bool plug = operation.verb.starts_with("hotplug");
    tell(device, operation.verb + " " + kind);
    if (kind == "done") {
        device.word = plug ? Word::There : Word::Gone;
        device.leftAfterCancel = false;
    } else if (kind == "cancelled" && operation.aliases.size() > 1) {
        device.word = Word::Unsure;
    }
}

StormJournal::Device StormJournal::deviceOf(const std::string& vm, const std::string& alias) const
{
    const auto found = devices_.find({vm, alias});
    return found == devices_.end() ? Device() : found->second;
}

std::vector<std::string> StormJournal::problems() const
{
    constexpr const char* ends[] = {"done", "failed", "cancelled"};
    std::vector<std::string> found;
    std::map<std::string, std::string> named;
    for (const auto& [id, operation] : operations_) {
        if (!operation.settled || std::ranges::find(ends, operation.outcome) == std::end(ends))
            found.push_back(fmt::format("{} {} has no outcome: {}", operation.verb, id, operation.outcome));
        for (const auto& request : operation.requests)
            if (const auto [other, fresh] = named.emplace(request, id); !fresh)
                found.push_back(fmt::format("{} names {} and {}", request, other->second, id));
    }
    return found;
}

} // namespace hotplug::test
