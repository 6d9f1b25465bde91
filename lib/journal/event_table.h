#pragma once

#include "journal/journal.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

namespace hotplug {

/// The journal's events. Not thread-safe; throws SQLite::Exception, and JournalError for rows that nobody here wrote.
class EventTable {
public:
    explicit EventTable(SQLite::Database& database);

    void add(const JournalEvent& event);                ///< At this moment.
    std::vector<JournalEvent> timeline(const Uuid& operation);
    std::optional<std::vector<JournalEvent>> after(std::uint64_t cursor, std::size_t limit, const std::optional<Uuid>& vm);
    std::optional<JournalEvent> last(const Uuid& vm, const Alias& alias);
    std::uint64_t cursor();
    /// Keeps the newest `most` of those younger than `oldestMs`, and all of open operations.
    void prune(std::uint64_t most, std::int64_t oldestMs);

private:
    std::uint64_t numberOf(SQLite::Statement& statement);

    SQLite::Statement insert_, ofOperation_, ofDevice_, after_, last_, dropped_, first_, boundary_, drop_, noteDropped_;
};

} // namespace hotplug
