#pragma once

#include "journal/journal.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

namespace hotplug {

/// The journal's operations. Not thread-safe; throws SQLite::Exception, and JournalError for rows that this version
/// cannot read.
class OperationTable {
public:
    explicit OperationTable(SQLite::Database& database);

    void insert(const JournalEntry& entry);
    /// Settles open operations that share a device with the entry; returns them.
    std::vector<Uuid> supersede(const JournalEntry& entry);
    void join(const Uuid& id, const std::string& requestId, const std::string& params);
    bool rewrite(const Uuid& id, const Intent& intent);                 ///< False: not open.
    /// False: settled already.
    bool settle(const Uuid& id, Outcome outcome, std::optional<Reason> reason, const std::string& sentence);
    std::vector<JournalEntry> unsettled();
    std::optional<JournalEntry> find(const Uuid& id);
    std::optional<JournalEntry> findRequest(const std::string& requestId);
    std::optional<JournalEntry> findDevice(const Uuid& vm, const Alias& alias);
    std::vector<JournalEntry> list(const OperationFilter& filter);
    void prune(std::uint64_t most, std::int64_t oldestMs);

private:
    void insertDevices(const Uuid& id, const Intent& intent);
    std::vector<Uuid> openWith(const Uuid& vm, const Alias& alias);

    SQLite::Statement insert_, insertDevice_, dropDevices_, openWith_, join_, dropJoins_, rewrite_, settle_, find_,
        findRequest_, findDevice_, unsettled_, list_, tooMany_, tooOld_;
};

} // namespace hotplug
