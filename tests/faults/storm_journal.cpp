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
    if (event.kind == "drift" || event.kind == "removedAfterCancel") {
        words_[{event.vm, event.alias}] = Word::Unsure;
        return;
    }
    const auto found = operations_.find(event.operation);
    if (found == operations_.end())
        return;
    const auto& [id, operation] = *found;
    const bool plug = operation.verb.starts_with("hotplug");
    for (const auto& alias : operation.aliases) {
        auto& word = words_[{event.vm, alias}];
        if (event.kind == "done")
            word = plug ? Word::There : Word::Gone;
        else if (event.kind == "failed" && plug)
            word = Word::Gone;
        else if (event.kind == "cancelled" && operation.aliases.size() > 1)
            word = Word::Unsure;
    }
}

StormJournal::Word StormJournal::wordOf(const std::string& vm, const std::string& alias) const
{
    const auto found = words_.find({vm, alias});
    return found == words_.end() ? Word::Gone : found->second;
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
