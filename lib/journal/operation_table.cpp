#include "journal/operation_table.h"

#include "base/log.h"
#include "journal/intent_text.h"
#include "journal/sqlite_values.h"
#include "model/parse_name.h"

namespace hotplug {

namespace {

#define COLUMNS "id, verb, params, request, intent, uid, pid, opened_ms, settled_ms, outcome, reason, sentence"
constexpr const char* insertOperation =
    "INSERT INTO operation (" COLUMNS ", vm, goal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* insertDeviceOfOperation =
    "INSERT INTO operation_device (sequence, alias) SELECT sequence, ? FROM operation WHERE id = ?";
constexpr const char* openOperationsWith =
    "SELECT id FROM operation WHERE settled_ms IS NULL AND vm = ?"
    " AND EXISTS (SELECT 1 FROM operation_device WHERE operation_device.sequence = operation.sequence AND alias = ?)";
constexpr const char* rewriteOperation = "UPDATE operation SET intent = ? WHERE id = ? AND settled_ms IS NULL";
/// A cancel that was kept is not forgotten for another reason to wait.
constexpr const char* settleOperation =
    "UPDATE operation SET outcome = ?1, settled_ms = ?4,"
    " sentence = iif(?1 = 'pending' AND reason IS 'CANCELLED', sentence, ?3),"
    " reason = iif(?1 = 'pending' AND reason IS 'CANCELLED', reason, ?2)"
    " WHERE id = ?5 AND settled_ms IS NULL";
constexpr const char* dropDevicesOfOperation =
    "DELETE FROM operation_device WHERE sequence = (SELECT sequence FROM operation WHERE id = ?)";
constexpr const char* findOperation = "SELECT " COLUMNS " FROM operation WHERE id = ?";
constexpr const char* joinOperation =
    "INSERT OR REPLACE INTO joined_request (request, sequence, params) SELECT ?, sequence, ? FROM operation WHERE id = ?";
constexpr const char* dropOldJoins =            // an engine that retries for ever with new ids
    "DELETE FROM joined_request WHERE sequence = (SELECT sequence FROM operation WHERE id = ?1) AND rowid NOT IN"
    " (SELECT rowid FROM joined_request WHERE sequence = (SELECT sequence FROM operation WHERE id = ?1)"
    " ORDER BY rowid DESC LIMIT 1000)";
constexpr const char* findByRequest =
    "SELECT " COLUMNS " FROM (SELECT sequence, " COLUMNS " FROM operation WHERE request = ?1 UNION ALL"
    " SELECT operation.sequence, id, verb, joined_request.params, joined_request.request, intent, uid, pid, opened_ms,"
    " settled_ms, outcome, reason, sentence FROM joined_request JOIN operation USING (sequence)"
    " WHERE joined_request.request = ?1) ORDER BY sequence DESC LIMIT 1";
constexpr const char* findByDevice =
    "SELECT " COLUMNS " FROM operation"
    " WHERE sequence = (SELECT max(operation.sequence) FROM operation JOIN operation_device USING (sequence)"
    " WHERE vm = ?1 AND alias = ?2)";
constexpr const char* unsettledOperations =
    "SELECT " COLUMNS " FROM operation WHERE settled_ms IS NULL ORDER BY sequence";
constexpr const char* listOperations =
    "SELECT " COLUMNS " FROM operation WHERE (?1 IS NULL OR vm = ?1) AND (NOT ?2 OR settled_ms IS NULL)"
    " ORDER BY sequence DESC LIMIT ?3";
#undef COLUMNS
constexpr const char* pruneTooMany =
    "DELETE FROM operation WHERE settled_ms IS NOT NULL AND sequence <= (SELECT max(sequence) FROM operation) - ?";
constexpr const char* pruneTooOld = "DELETE FROM operation WHERE settled_ms < ?";

void bindSettled(SQLite::Statement& statement, int index, Outcome outcome)
{
    if (isOpen(outcome))
        statement.bind(index);
    else
        statement.bind(index, nowMs());
}

JournalEntry readRow(SQLite::Statement& row)
{
    const auto text = [&row](int column) { return row.getColumn(column).getString(); };
    const auto number = [&row](int column) { return row.getColumn(column).getInt64(); };
    const auto id = Uuid::parse(text(0));
    const auto outcome = parseName<Outcome>(text(9));
    if (!id || !outcome)
        throw JournalError("the journal has a row that this version cannot read: operation " + text(0));
    JournalEntry entry;
    entry.id = *id;
    entry.verb = text(1);
    entry.params = text(2);
    entry.requestId = text(3);
    entry.intent = parseIntent(text(4));
    entry.uid = static_cast<uid_t>(number(5));
    entry.pid = static_cast<pid_t>(number(6));
    entry.opened = fromMs(number(7));
    if (!row.getColumn(8).isNull())
        entry.settled = fromMs(number(8));
    entry.outcome = *outcome;
    entry.reason = reasonByName(text(10));      // one that a newer version wrote is lost; it is for people only
    entry.sentence = text(11);
    return entry;
}

std::optional<JournalEntry> readFirst(SQLite::Statement& rows)
{
    return rows.executeStep() ? std::optional(readRow(rows)) : std::nullopt;
}

/// One unreadable row must not keep the others from being settled, or shown.
std::vector<JournalEntry> readAll(SQLite::Statement& rows)
{
    std::vector<JournalEntry> entries;
    while (rows.executeStep()) {
        try {
            entries.push_back(readRow(rows));
        } catch (const JournalError& error) {
            spdlog::error("operation {} cannot be read and stays in the journal as it is: {}",
                rows.getColumn(0).getString(), error.what());
        }
    }
    return entries;
}

} // namespace

OperationTable::OperationTable(SQLite::Database& database)
    : insert_(database, insertOperation), insertDevice_(database, insertDeviceOfOperation),
      dropDevices_(database, dropDevicesOfOperation),
      openWith_(database, openOperationsWith), join_(database, joinOperation),
      dropJoins_(database, dropOldJoins), rewrite_(database, rewriteOperation), settle_(database, settleOperation),
      find_(database, findOperation), findRequest_(database, findByRequest), findDevice_(database, findByDevice),
      unsettled_(database, unsettledOperations),
      list_(database, listOperations), tooMany_(database, pruneTooMany), tooOld_(database, pruneTooOld)
{
}

void OperationTable::insert(const JournalEntry& entry)
{
    const Reset reset(insert_);
    const std::string texts[] = {entry.id.str(), entry.verb, entry.params};
    for (int i = 0; i < 3; ++i)
        insert_.bind(i + 1, texts[i]);
    bindOrNull(insert_, 4, entry.requestId.empty() ? std::nullopt : std::optional(entry.requestId));
    insert_.bind(5, intentText(entry.intent));
    insert_.bind(6, static_cast<std::int64_t>(entry.uid));
    insert_.bind(7, static_cast<std::int64_t>(entry.pid));
    insert_.bind(8, toMs(entry.opened));
    bindSettled(insert_, 9, entry.outcome);
    insert_.bind(10, std::string(name(entry.outcome)));
    bindOrNull(insert_, 11, nameOrNull(entry.reason));
    insert_.bind(12, entry.sentence);
    insert_.bind(13, entry.intent.vm().str());
    insert_.bind(14, std::string(name(entry.intent.goal())));
    insert_.exec();
    insertDevices(entry.id, entry.intent);
}

void OperationTable::insertDevices(const Uuid& id, const Intent& intent)
{
    for (const auto& plan : intent.plans) {
        const Reset reset(insertDevice_);
        insertDevice_.bind(1, plan.alias.str());
        insertDevice_.bind(2, id.str());
        insertDevice_.exec();
    }
}

std::vector<Uuid> OperationTable::openWith(const Uuid& vm, const Alias& alias)
{
    const Reset reset(openWith_);
    openWith_.bind(1, vm.str());
    openWith_.bind(2, alias.str());
    std::vector<Uuid> found;
    while (openWith_.executeStep())
        if (const auto id = Uuid::parse(openWith_.getColumn(0).getString()))
            found.push_back(*id);
    return found;
}

std::vector<Uuid> OperationTable::supersede(const JournalEntry& entry)
{
    std::vector<Uuid> superseded;
    for (const auto& plan : entry.intent.plans)
        for (const auto& id : plan.alias.empty() ? std::vector<Uuid>() : openWith(plan.vm, plan.alias)) {
            settle(id, Outcome::Failed, Reason::Recovering, "superseded by operation " + entry.id.str());
            superseded.push_back(id);
        }
    return superseded;
}

void OperationTable::join(const Uuid& id, const std::string& requestId, const std::string& params)
{
    const Reset reset(join_);
    join_.bind(1, requestId);
    join_.bind(2, params);
    join_.bind(3, id.str());
    join_.exec();
    const Reset resetDrop(dropJoins_);
    dropJoins_.bind(1, id.str());
    dropJoins_.exec();
}

bool OperationTable::rewrite(const Uuid& id, const Intent& intent)
{
    const Reset reset(rewrite_);
    rewrite_.bind(1, intentText(intent));
    rewrite_.bind(2, id.str());
    if (rewrite_.exec() == 0)
        return false;
    const Reset resetDevices(dropDevices_);
    dropDevices_.bind(1, id.str());
    dropDevices_.exec();
    insertDevices(id, intent);
    return true;
}

bool OperationTable::settle(const Uuid& id, Outcome outcome, std::optional<Reason> reason, const std::string& sentence)
{
    const Reset reset(settle_);
    settle_.bind(1, std::string(name(outcome)));
    bindOrNull(settle_, 2, nameOrNull(reason));
    settle_.bind(3, sentence);
    bindSettled(settle_, 4, outcome);
    settle_.bind(5, id.str());
    return settle_.exec() == 1;
}

std::vector<JournalEntry> OperationTable::unsettled()
{
    const Reset reset(unsettled_);
    return readAll(unsettled_);
}

std::optional<JournalEntry> OperationTable::find(const Uuid& id)
{
    const Reset reset(find_);
    find_.bind(1, id.str());
    return readFirst(find_);
}

std::optional<JournalEntry> OperationTable::findRequest(const std::string& requestId)
{
    const Reset reset(findRequest_);
    findRequest_.bind(1, requestId);
    return readFirst(findRequest_);
}

std::optional<JournalEntry> OperationTable::findDevice(const Uuid& vm, const Alias& alias)
{
    const Reset reset(findDevice_);
    findDevice_.bind(1, vm.str());
    findDevice_.bind(2, alias.str());
    return readFirst(findDevice_);
}

std::vector<JournalEntry> OperationTable::list(const OperationFilter& filter)
{
    const Reset reset(list_);
    bindOrNull(list_, 1, filter.vm ? std::optional(filter.vm->str()) : std::nullopt);
    list_.bind(2, filter.openOnly ? 1 : 0);
    list_.bind(3, static_cast<std::int64_t>(filter.limit));
    return readAll(list_);
}

void OperationTable::prune(std::uint64_t most, std::int64_t oldestMs)
{
    const Reset resetMany(tooMany_), resetOld(tooOld_);
    tooMany_.bind(1, static_cast<std::int64_t>(most));
    tooMany_.exec();
    tooOld_.bind(1, oldestMs);
    tooOld_.exec();
}

} // namespace hotplug
