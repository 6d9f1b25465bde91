#include "journal/event_table.h"

#include "base/log.h"
#include "journal/sqlite_values.h"
#include "model/parse_name.h"

#include <algorithm>
#include <array>

namespace hotplug {

template<> inline constexpr std::array enumerators<EventKind> = {EventKind::Started, EventKind::Requested,
    EventKind::Busy, EventKind::Pending, EventKind::Done, EventKind::Failed, EventKind::Cancelled, EventKind::Moved,
    EventKind::RemovedAfterCancel, EventKind::Drift};

namespace {

constexpr const char* insertEvent =
    "INSERT INTO event (at_ms, vm, operation, alias, kind, reason, sentence) VALUES (?, ?, ?, ?, ?, ?, ?)";
constexpr const char* eventsOfOperation =
    "SELECT cursor, at_ms, vm, operation, alias, kind, reason, sentence FROM event WHERE operation = ? ORDER BY cursor";
constexpr const char* lastOfDevice =
    "SELECT cursor, at_ms, vm, operation, alias, kind, reason, sentence FROM event WHERE vm = ? AND alias = ?"
    " ORDER BY cursor DESC LIMIT 1";
constexpr const char* eventsAfter =
    "SELECT cursor, at_ms, vm, operation, alias, kind, reason, sentence FROM event"
    " WHERE cursor > ?1 AND (?2 IS NULL OR vm = ?2) ORDER BY cursor LIMIT ?3";
constexpr const char* lastEvent = "SELECT seq FROM sqlite_sequence WHERE name = 'event'";
constexpr const char* droppedEvents = "SELECT cursor FROM dropped";
constexpr const char* firstCursor = "SELECT first FROM dropped";
/// The last before the first young one: clocks jump, and one event from the past must not take all before it along.
constexpr const char* boundaryOfAge = "SELECT cursor - 1 FROM event WHERE at_ms >= ? ORDER BY cursor LIMIT 1";
constexpr const char* dropEvents =
    "DELETE FROM event WHERE cursor <= ?"
    " AND (operation IS NULL OR operation NOT IN (SELECT id FROM operation WHERE settled_ms IS NULL))";
constexpr const char* noteDroppedEvents = "UPDATE dropped SET cursor = max(cursor, ?)";

std::optional<Uuid> uuidOrNull(const SQLite::Column& column)
{
    return column.isNull() ? std::nullopt : Uuid::parse(column.getString());
}

JournalEvent readRow(SQLite::Statement& row)
{
    const auto text = [&row](int column) { return row.getColumn(column).getString(); };
    const auto vm = Uuid::parse(text(2));
    const auto kind = parseName<EventKind>(text(5));
    if (!vm || !kind)
        throw JournalError("the journal has an event that this version cannot read");
    JournalEvent event;
    event.cursor = static_cast<std::uint64_t>(row.getColumn(0).getInt64());
    event.time = fromMs(row.getColumn(1).getInt64());
    event.vm = *vm;
    event.operation = uuidOrNull(row.getColumn(3));
    event.alias = text(4);
    event.kind = *kind;
    event.reason = reasonByName(text(6));
    event.sentence = text(7);
    return event;
}

/// One of a kind that a newer version knows must not hide the others.
std::vector<JournalEvent> readRows(SQLite::Statement& rows)
{
    std::vector<JournalEvent> events;
    while (rows.executeStep()) {
        try {
            events.push_back(readRow(rows));
        } catch (const JournalError& error) {
            spdlog::warn("event {} is left out: {}", rows.getColumn(0).getInt64(), error.what());
        }
    }
    return events;
}

} // namespace

EventTable::EventTable(SQLite::Database& database)
    : insert_(database, insertEvent), ofOperation_(database, eventsOfOperation),
      ofDevice_(database, lastOfDevice), after_(database, eventsAfter),
      last_(database, lastEvent), dropped_(database, droppedEvents), first_(database, firstCursor),
      boundary_(database, boundaryOfAge), drop_(database, dropEvents), noteDropped_(database, noteDroppedEvents)
{
}

void EventTable::add(const JournalEvent& event)
{
    const Reset reset(insert_);
    insert_.bind(1, nowMs());
    insert_.bind(2, event.vm.str());
    bindOrNull(insert_, 3, event.operation ? std::optional(event.operation->str()) : std::nullopt);
    insert_.bind(4, event.alias);
    insert_.bind(5, std::string(name(event.kind)));
    bindOrNull(insert_, 6, nameOrNull(event.reason));
    insert_.bind(7, event.sentence);
    insert_.exec();
}

std::vector<JournalEvent> EventTable::timeline(const Uuid& operation)
{
    const Reset reset(ofOperation_);
    ofOperation_.bind(1, operation.str());
    return readRows(ofOperation_);
}

std::optional<std::vector<JournalEvent>> EventTable::after(
    std::uint64_t cursor, std::size_t limit, const std::optional<Uuid>& vm)
{
    if (cursor == 0)
        cursor = numberOf(first_);
    if (cursor < numberOf(dropped_) || cursor > numberOf(last_))
        return std::nullopt;
    const Reset reset(after_);
    after_.bind(1, static_cast<std::int64_t>(cursor));
    bindOrNull(after_, 2, vm ? std::optional(vm->str()) : std::nullopt);
    after_.bind(3, static_cast<std::int64_t>(limit));
    return readRows(after_);
}

std::optional<JournalEvent> EventTable::last(const Uuid& vm, const Alias& alias)
{
    const Reset reset(ofDevice_);
    ofDevice_.bind(1, vm.str());
    ofDevice_.bind(2, alias.str());
    const auto last = readRows(ofDevice_);
    return last.empty() ? std::nullopt : std::optional(last.front());
}

std::uint64_t EventTable::cursor()
{
    return numberOf(last_);
}

void EventTable::prune(std::uint64_t most, std::int64_t oldestMs)
{
    const auto last = numberOf(last_);
    auto boundary = last > most ? last - most : 0;
    boundary_.bind(1, oldestMs);
    boundary = std::max(boundary, numberOf(boundary_));
    if (boundary <= numberOf(dropped_))
        return;
    const Reset resetDrop(drop_), resetNote(noteDropped_);
    drop_.bind(1, static_cast<std::int64_t>(boundary));
    drop_.exec();
    noteDropped_.bind(1, static_cast<std::int64_t>(boundary));
    noteDropped_.exec();
}

/// Of the first row; 0 when there is none.
std::uint64_t EventTable::numberOf(SQLite::Statement& statement)
{
    const Reset reset(statement);
    return statement.executeStep() ? static_cast<std::uint64_t>(statement.getColumn(0).getInt64()) : 0;
}

} // namespace hotplug
