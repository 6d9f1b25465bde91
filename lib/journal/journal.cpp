#include "journal/journal.h"

#include "base/log.h"
#include "base/scope_guard.h"
#include "journal/intent_text.h"
#include "journal/journal_file.h"
#include "model/parse_name.h"

#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <atomic>
#include <mutex>

namespace hotplug {

namespace {

using std::chrono::milliseconds, std::chrono::system_clock;

/// How much history stays. What is not settled always stays.
constexpr std::int64_t maxOperations = 10'000;
constexpr auto maxAge = std::chrono::hours(24) * 30;
constexpr unsigned pruneEvery = 100;            // opened operations; keeps the cost off most of them

bool isOpen(Outcome outcome)
{
    return outcome == Outcome::Running || outcome == Outcome::Pending;
}

std::int64_t toMs(system_clock::time_point time)
{
    return std::chrono::duration_cast<milliseconds>(time.time_since_epoch()).count();
}

void bindOrNull(SQLite::Statement& statement, int index, const std::optional<std::string>& text)
{
    if (text)
        statement.bind(index, *text);
    else
        statement.bind(index);
}

std::optional<std::string> nameOrNull(std::optional<Reason> reason)
{
    return reason ? std::optional(std::string(nameOf(*reason))) : std::nullopt;
}

void bindSettled(SQLite::Statement& statement, int index, Outcome outcome)
{
    if (isOpen(outcome))
        statement.bind(index);
    else
        statement.bind(index, toMs(system_clock::now()));
}

constexpr const char* insertOperation =
    "INSERT INTO operation"
    " (id, verb, vm, goal, intent, uid, pid, opened_ms, outcome, reason, sentence, settled_ms)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* insertDeviceOfOperation =
    "INSERT INTO operation_device (sequence, alias) SELECT sequence, ? FROM operation WHERE id = ?";
constexpr const char* supersedeOperations =
    "UPDATE operation SET outcome = ?, reason = ?, sentence = ?, settled_ms = ?"
    " WHERE settled_ms IS NULL AND vm = ? AND EXISTS"
    " (SELECT 1 FROM operation_device WHERE operation_device.sequence = operation.sequence AND alias = ?)";
constexpr const char* rewriteOperation = "UPDATE operation SET intent = ? WHERE id = ? AND settled_ms IS NULL";
constexpr const char* settleOperation =
    "UPDATE operation SET outcome = ?, reason = ?, sentence = ?, settled_ms = ? WHERE id = ? AND settled_ms IS NULL";
constexpr const char* findOperation =
    "SELECT id, verb, intent, uid, pid, opened_ms, outcome, reason, sentence FROM operation WHERE id = ?";
constexpr const char* unsettledOperations =
    "SELECT id, verb, intent, uid, pid, opened_ms, outcome, reason, sentence FROM operation WHERE settled_ms IS NULL"
    " ORDER BY sequence";
constexpr const char* pruneTooMany =
    "DELETE FROM operation WHERE settled_ms IS NOT NULL AND sequence <= (SELECT max(sequence) FROM operation) - ?";
constexpr const char* pruneTooOld = "DELETE FROM operation WHERE settled_ms < ?";

JournalEntry readRow(SQLite::Statement& row)
{
    const auto text = [&row](int column) { return row.getColumn(column).getString(); };
    const auto id = Uuid::parse(text(0));
    const auto outcome = parseName<Outcome>(text(6));
    if (!id || !outcome)
        throw JournalError("the journal has a row that this version cannot read: operation " + text(0));
    JournalEntry entry;
    entry.id = *id;
    entry.verb = text(1);
    entry.intent = parseIntent(text(2));
    entry.uid = static_cast<uid_t>(row.getColumn(3).getInt64());
    entry.pid = static_cast<pid_t>(row.getColumn(4).getInt64());
    entry.opened = system_clock::time_point(milliseconds(row.getColumn(5).getInt64()));
    entry.outcome = *outcome;
    entry.reason = reasonByName(text(7));       // one that a newer version wrote is lost; it is for people only
    entry.sentence = text(8);
    return entry;
}

/// One unreadable row must not keep the others from being settled.
void readRowOrExplain(SQLite::Statement& row, std::vector<JournalEntry>& entries)
{
    try {
        entries.push_back(readRow(row));
    } catch (const JournalError& error) {
        spdlog::error("the open operation {} cannot be taken up again and stays in the journal as it is: {}",
            row.getColumn(0).getString(), error.what());
    }
}

/// Statements are compiled once; whoever uses one leaves it reset, whatever happened.
class SqliteJournal final : public Journal {
public:
    explicit SqliteJournal(const std::filesystem::path& directory)
        : lock_(directory), database_(openJournalFile(directory)), insert_(database_, insertOperation),
          insertDevice_(database_, insertDeviceOfOperation), supersede_(database_, supersedeOperations),
          rewrite_(database_, rewriteOperation), settle_(database_, settleOperation), find_(database_, findOperation),
          unsettled_(database_, unsettledOperations), tooMany_(database_, pruneTooMany), tooOld_(database_, pruneTooOld)
    {
        prune();
    }

    void open(const JournalEntry& entry) override
    {
        run(insert_, "cannot keep an operation", [&] {
            SQLite::Transaction together(database_, SQLite::TransactionBehavior::IMMEDIATE);
            for (const auto& plan : entry.intent.plans)
                supersede(entry, plan.alias);
            insert(entry);
            for (const auto& plan : entry.intent.plans)
                insertDevice(entry, plan.alias);
            together.commit();
        });
        if (++opened_ % pruneEvery == 0)
            pruneOrWarn();
    }

    void rewrite(const Uuid& id, const Intent& intent) override
    {
        const bool changed = run(rewrite_, "cannot change a plan", [&] {
            rewrite_.bind(1, intentText(intent));
            rewrite_.bind(2, id.str());
            return rewrite_.exec() == 1;
        });
        if (!changed)
            throw JournalError("the journal has no open operation " + id.str());
    }

    void settle(const Uuid& id, Outcome outcome, std::optional<Reason> reason, const std::string& sentence) override
    {
        const bool changed = run(settle_, "cannot settle an operation", [&] {
            settle_.bind(1, std::string(name(outcome)));
            bindOrNull(settle_, 2, nameOrNull(reason));
            settle_.bind(3, sentence);
            bindSettled(settle_, 4, outcome);
            settle_.bind(5, id.str());
            return settle_.exec() == 1;
        });
        if (!changed)
            requireSettledAlready(id, outcome);
    }

    std::vector<JournalEntry> unsettled() override
    {
        return run(unsettled_, "cannot list operations", [&] {
            std::vector<JournalEntry> entries;
            while (unsettled_.executeStep())
                readRowOrExplain(unsettled_, entries);
            return entries;
        });
    }

    std::optional<JournalEntry> find(const Uuid& id) override
    {
        return run(find_, "cannot find an operation", [&]() -> std::optional<JournalEntry> {
            find_.bind(1, id.str());
            if (!find_.executeStep())
                return std::nullopt;
            return readRow(find_);
        });
    }

private:
    template<typename Action>
    auto run(SQLite::Statement& statement, const char* failure, Action&& action) -> decltype(action())
    {
        const std::lock_guard lock(mutex_);
        const ScopeGuard reset([&statement] { statement.tryReset(); });
        try {
            return action();
        } catch (const SQLite::Exception& error) {
            throw JournalError(std::string("the journal ") + failure + ": " + error.what());
        }
    }

    void supersede(const JournalEntry& entry, const Alias& alias)
    {
        if (alias.empty())
            return;
        const ScopeGuard reset([this] { supersede_.tryReset(); });
        supersede_.bind(1, std::string(name(Outcome::Failed)));
        supersede_.bind(2, std::string(nameOf(Reason::Recovering)));
        supersede_.bind(3, "superseded by operation " + entry.id.str());
        supersede_.bind(4, toMs(system_clock::now()));
        supersede_.bind(5, entry.intent.vm().str());
        supersede_.bind(6, alias.str());
        if (const int count = supersede_.exec(); count > 0)
            spdlog::warn("{} open operation(s) on {} are superseded by operation {}", count, alias.str(), entry.id.str());
    }

    void insert(const JournalEntry& entry)
    {
        insert_.bind(1, entry.id.str());
        insert_.bind(2, entry.verb);
        insert_.bind(3, entry.intent.vm().str());
        insert_.bind(4, std::string(name(entry.intent.goal())));
        insert_.bind(5, intentText(entry.intent));
        insert_.bind(6, static_cast<std::int64_t>(entry.uid));
        insert_.bind(7, static_cast<std::int64_t>(entry.pid));
        insert_.bind(8, toMs(entry.opened));
        insert_.bind(9, std::string(name(entry.outcome)));
        bindOrNull(insert_, 10, nameOrNull(entry.reason));
        insert_.bind(11, entry.sentence);
        bindSettled(insert_, 12, entry.outcome);
        insert_.exec();
    }

    void insertDevice(const JournalEntry& entry, const Alias& alias)
    {
        const ScopeGuard reset([this] { insertDevice_.tryReset(); });
        insertDevice_.bind(1, alias.str());
        insertDevice_.bind(2, entry.id.str());
        insertDevice_.exec();
    }

    void requireSettledAlready(const Uuid& id, Outcome outcome)
    {
        const auto entry = find(id);
        if (!entry)
            throw JournalError("the journal has no operation " + id.str());
        if (entry->outcome != outcome)
            throw JournalError("the journal has operation " + id.str() + " settled already, as "
                + std::string(name(entry->outcome)));
    }

    void prune()
    {
        run(tooMany_, "cannot drop old operations", [&] {
            tooMany_.bind(1, maxOperations);
            tooMany_.exec();
        });
        run(tooOld_, "cannot drop old operations", [&] {
            tooOld_.bind(1, toMs(system_clock::now() - maxAge));
            tooOld_.exec();
        });
    }

    /// The operation itself is safe in the file, so that its caller must not hear of this.
    void pruneOrWarn()
    {
        try {
            prune();
        } catch (const JournalError& error) {
            spdlog::warn("{}", error.what());
        }
    }

    const JournalLock lock_;
    std::mutex mutex_;
    SQLite::Database database_;
    SQLite::Statement insert_, insertDevice_, supersede_, rewrite_, settle_, find_, unsettled_, tooMany_, tooOld_;
    std::atomic<unsigned> opened_ = 0;
};

} // namespace

std::unique_ptr<Journal> openJournal(const std::filesystem::path& directory)
{
    try {
        return std::make_unique<SqliteJournal>(directory);
    } catch (const SQLite::Exception& error) {
        throw JournalError("the journal in " + directory.string() + " cannot be used: " + error.what());
    } catch (const std::filesystem::filesystem_error& error) {
        throw JournalError("the journal in " + directory.string() + " cannot be used: " + error.what());
    }
}

} // namespace hotplug
