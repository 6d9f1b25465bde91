#include "journal/journal.h"

#include "base/log.h"
#include "journal/event_table.h"
#include "journal/journal_file.h"
#include "journal/operation_table.h"
#include "journal/sqlite_values.h"
#include "model/parse_name.h"

#include <SQLiteCpp/Transaction.h>
#include <atomic>
#include <condition_variable>
#include <mutex>

namespace hotplug {

namespace {

constexpr unsigned pruneEvery = 100;            // opened operations and noted events; keeps the cost off most of them

EventKind kindOf(Outcome outcome)
{
    switch (outcome) {
    case Outcome::Pending: return EventKind::Pending;
    case Outcome::Done: return EventKind::Done;
    case Outcome::Cancelled: return EventKind::Cancelled;
    case Outcome::Moved: return EventKind::Moved;
    default: return EventKind::Failed;
    }
}

JournalEvent eventOf(const JournalEntry& entry, EventKind kind)
{
    JournalEvent event;
    event.vm = entry.intent.vm();
    event.operation = entry.id;
    event.kind = kind;
    if (entry.intent.plans.size() == 1)
        event.alias = entry.intent.plans.front().alias.str();
    return event;
}

class SqliteJournal final : public Journal {
public:
    SqliteJournal(const std::filesystem::path& directory, const JournalLimits& limits)
        : limits_(limits), lock_(directory), file_(journalFile(directory)), database_(openJournalFile(directory)),
          identity_(file_), operations_(database_), events_(database_)
    {
        inTransaction("cannot be written", [this] { prune(); });
    }

    void requireUsable() override
    {
        if (FileIdentity(file_) != identity_)
            throw JournalError("the journal " + file_.string()
                + " has been deleted or replaced while hotplugd was using it; restart hotplugd");
    }

    void open(const JournalEntry& entry) override
    {
        inTransaction("cannot keep an operation", [&] {
            for (const auto& id : operations_.supersede(entry))
                settled(id);
            operations_.insert(entry);
            events_.add(eventOf(entry, EventKind::Started));
        });
        pruneNowAndThen();
    }

    void join(const Uuid& id, const std::string& requestId, const std::string& params) override
    {
        run("cannot keep a request", [&] { operations_.join(id, requestId, params); });
    }

    void rewrite(const Uuid& id, const Intent& intent) override
    {
        bool isOpen = false;
        inTransaction("cannot change a plan", [&] { isOpen = operations_.rewrite(id, intent); });
        if (!isOpen)
            throw JournalError("the journal has no open operation " + id.str());
    }

    void settle(const Uuid& id, Outcome outcome, std::optional<Reason> reason, const std::string& sentence) override
    {
        inTransaction("cannot settle an operation", [&] {
            if (operations_.settle(id, outcome, reason, sentence))
                settled(id);
            else
                requireSettledAlready(id, outcome);
        });
    }

    void note(const JournalEvent& event) override
    {
        run("cannot keep an event", [&] { events_.add(event); });
        happened_.notify_all();
        pruneNowAndThen();
    }

    std::vector<JournalEntry> unsettled() override
    {
        return run("cannot list operations", [&] { return operations_.unsettled(); });
    }

    std::optional<JournalEntry> find(const Uuid& id) override
    {
        return run("cannot find an operation", [&] { return operations_.find(id); });
    }

    std::optional<JournalEntry> findRequest(const std::string& requestId) override
    {
        return run("cannot find a request", [&] { return operations_.findRequest(requestId); });
    }

    std::optional<JournalEntry> findDevice(const Uuid& vm, const Alias& alias) override
    {
        return run("cannot find a device", [&] { return operations_.findDevice(vm, alias); });
    }

    std::vector<JournalEntry> list(const OperationFilter& filter) override
    {
        return run("cannot list operations", [&] { return operations_.list(filter); });
    }

    std::vector<JournalEvent> timeline(const Uuid& operation) override
    {
        return run("cannot list events", [&] { return events_.timeline(operation); });
    }

    std::optional<JournalEvent> lastEvent(const Uuid& vm, const Alias& alias) override
    {
        return run("cannot find an event", [&] { return events_.last(vm, alias); });
    }

    std::optional<std::vector<JournalEvent>> events(
        std::uint64_t after, std::size_t limit, const std::optional<Uuid>& vm) override
    {
        return run("cannot list events", [&] { return events_.after(after, limit, vm); });
    }

    std::uint64_t cursor() override
    {
        return run("cannot find its last event", [&] { return events_.cursor(); });
    }

    bool awaitEvent(std::uint64_t after, Clock::time_point deadline) override
    {
        std::unique_lock lock(mutex_);
        const auto happened = [&] {
            return stopped_ || explaining("cannot find its last event", [&] { return events_.cursor(); }) > after;
        };
        return happened_.wait_until(lock, deadline, happened) && !stopped_;
    }

    void wakeWaiters() override
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        happened_.notify_all();
    }

private:
    template<typename Action> static auto explaining(const char* failure, Action&& action) -> decltype(action())
    {
        try {
            return action();
        } catch (const SQLite::Exception& error) {
            throw JournalError(std::string("the journal ") + failure + ": " + error.what());
        }
    }

    template<typename Action> auto run(const char* failure, Action&& action) -> decltype(action())
    {
        const std::lock_guard lock(mutex_);
        return explaining(failure, action);
    }

    template<typename Action> void inTransaction(const char* failure, Action&& action)
    {
        run(failure, [&] {
            SQLite::Transaction together(database_, SQLite::TransactionBehavior::IMMEDIATE);
            action();
            together.commit();
        });
        happened_.notify_all();
    }

    /// A row that cannot be read is no reason to keep others from being written.
    std::optional<JournalEntry> findReadable(const Uuid& id)
    {
        try {
            return operations_.find(id);
        } catch (const JournalError& error) {
            spdlog::error("{}", error.what());
            return std::nullopt;
        }
    }

    void settled(const Uuid& id)
    {
        const auto entry = findReadable(id);
        if (!entry)
            return;
        auto event = eventOf(*entry, kindOf(entry->outcome));
        event.reason = entry->reason;
        event.sentence = entry->sentence;
        events_.add(event);
    }

    void requireSettledAlready(const Uuid& id, Outcome outcome)
    {
        const auto entry = operations_.find(id);
        if (!entry)
            throw JournalError("the journal has no operation " + id.str());
        if (entry->outcome != outcome)
            throw JournalError("the journal has operation " + id.str() + " settled already, as "
                + std::string(name(entry->outcome)));
    }

    /// The operation or event itself is safe in the file, so that its caller must not hear of this.
    void pruneNowAndThen()
    {
        if (++kept_ % pruneEvery != 0)
            return;
        try {
            inTransaction("cannot drop what is old", [this] { prune(); });
        } catch (const JournalError& error) {
            spdlog::warn("{}", error.what());
        }
    }

    void prune()
    {
        const auto oldest = toMs(std::chrono::system_clock::now() - limits_.age);
        operations_.prune(limits_.operations, oldest);
        events_.prune(limits_.events, oldest);
    }

    const JournalLimits limits_;
    const JournalLock lock_;
    const std::filesystem::path file_;
    std::mutex mutex_;
    std::condition_variable happened_;
    bool stopped_ = false;
    std::atomic<unsigned> kept_ = 0;
    SQLite::Database database_;
    const FileIdentity identity_;
    OperationTable operations_;
    EventTable events_;
};

} // namespace

std::string_view name(EventKind kind)
{
    switch (kind) {
    case EventKind::Started: return "started";
    case EventKind::Requested: return "requested";
    case EventKind::Busy: return "busy";
    case EventKind::Pending: return "pending";
    case EventKind::Done: return "done";
    case EventKind::Failed: return "failed";
    case EventKind::Cancelled: return "cancelled";
    case EventKind::Moved: return "moved";
    case EventKind::RemovedAfterCancel: return "removedAfterCancel";
    case EventKind::Drift: return "drift";
    }
    throw std::logic_error("an event without a name");
}

std::unique_ptr<Journal> openJournal(const std::filesystem::path& directory, const JournalLimits& limits)
{
    try {
        return std::make_unique<SqliteJournal>(directory, limits);
    } catch (const SQLite::Exception& error) {
        throw JournalError("the journal in " + directory.string() + " cannot be used: " + error.what());
    } catch (const std::filesystem::filesystem_error& error) {
        throw JournalError("the journal in " + directory.string() + " cannot be used: " + error.what());
    }
}

} // namespace hotplug
