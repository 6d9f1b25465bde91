#pragma once

#include "base/clock.h"
#include "base/uuid.h"
#include "model/outcome.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace hotplug {

/// One operation as the journal keeps it (DESIGN, invariant 3): the plans, never step numbers.
struct JournalEntry {
    Uuid id;                                    ///< operationId
    std::string verb;                           ///< `hotplugDisk`
    std::string params;                         ///< As asked, as JSON, without what may differ between retries.
    std::string requestId;                      ///< The caller's idempotency key (SPEC R3); empty: none.
    Intent intent;
    uid_t uid = 0;                              ///< Who asked.
    pid_t pid = 0;
    std::chrono::system_clock::time_point opened;  ///< Kept in milliseconds.
    std::optional<std::chrono::system_clock::time_point> settled;
    Outcome outcome = Outcome::Running;
    std::optional<Reason> reason;
    std::string sentence;                       ///< Why, for people; empty when done.
};

/// What can happen to an operation, or to a device without one (SPEC K9).
enum class EventKind {
    Started, Requested, Busy, Pending, Done, Failed, Cancelled, Moved, RemovedAfterCancel, Drift,
};

std::string_view name(EventKind kind);          ///< On the wire: `started`, `removedAfterCancel` …

/// One line of an operation's timeline, and of what watchers are told.
struct JournalEvent {
    std::uint64_t cursor = 0;                   ///< Given by the journal, rising, never given twice.
    std::chrono::system_clock::time_point time;
    Uuid vm;
    std::optional<Uuid> operation;              ///< Empty: drift.
    std::string alias;                          ///< Empty: the whole operation.
    EventKind kind = EventKind::Started;
    std::optional<Reason> reason;
    std::string sentence;                       ///< For people, may be empty.
};

/// Which operations a list is to have.
struct OperationFilter {
    std::optional<Uuid> vm;
    bool openOnly = false;
    std::size_t limit = 100;                    ///< The newest of them.
};

class JournalError : public std::exception {
public:
    explicit JournalError(std::string text) : text_(std::move(text)) {}
    const char* what() const noexcept override { return text_.c_str(); }

private:
    std::string text_;
};

/// Another hotplugd works with this journal: nothing that mends itself.
class JournalInUse : public JournalError {
public:
    using JournalError::JournalError;
};

/// How much history stays. What is not settled always stays.
struct JournalLimits {
    std::uint64_t operations = 10'000;
    std::uint64_t events = 100'000;
    std::chrono::hours age{24 * 30};
};

/// The intent of every change, on disk before libvirt hears of it, and what became of it. SQLite in WAL mode with
/// synchronous=NORMAL: survives our crash without an fsync per operation; a crash of the host takes the VMs along.
/// Thread-safe. All methods throw JournalError.
class Journal {
public:
    virtual ~Journal() = default;
    /// Throws when nothing that is written would be found again: then nothing needs to be planned either.
    virtual void requireUsable() {}
    /// The row is in the file when this returns, or nothing is and nothing may be changed. Rows of the same VM that
    /// share an alias with it and are still open have lost their outcome (their settling failed): they are settled with
    /// it as failed, RECOVERING, lest a restart act on what has long been replaced. From time to time also drops the
    /// oldest settled operations and their events, so that the file stays bounded.
    virtual void open(const JournalEntry& entry) = 0;
    /// A later request that wanted the same and was answered by this operation: its id names it from now on, too. The
    /// last 1,000 of an operation are kept. Nothing when there is no such operation.
    virtual void join(const Uuid& id, const std::string& requestId, const std::string& params) = 0;
    /// Another address is tried (SPEC P1), or a list is taken back: replaces the intent of an open row. Throws also when
    /// the row is settled or unknown.
    virtual void rewrite(const Uuid& id, const Intent& intent) = 0;
    /// Settles, or notes an intermediate `pending`, whose reason and sentence stay when they say CANCELLED. Settling again
    /// with the same outcome changes nothing; with another one, or for an operation that is not known, it throws.
    virtual void settle(const Uuid& id, Outcome outcome, std::optional<Reason> reason, const std::string& sentence) = 0;
    /// Something happened beside opening and settling, which leave their events themselves. Cursor and time are filled in.
    virtual void note(const JournalEvent& event) = 0;

    /// Operations whose outcome is running or pending, in the order they were opened. A row that this version cannot
    /// read is logged, left out and left as it is.
    virtual std::vector<JournalEntry> unsettled() = 0;
    /// Empty: never opened, or settled long ago and dropped.
    virtual std::optional<JournalEntry> find(const Uuid& id) = 0;
    /// The latest operation with this request id; its `requestId` and `params` are those of the request that was asked for.
    virtual std::optional<JournalEntry> findRequest(const std::string& requestId) = 0;
    /// The latest operation on a device.
    virtual std::optional<JournalEntry> findDevice(const Uuid& vm, const Alias& alias) = 0;
    /// Newest first.
    virtual std::vector<JournalEntry> list(const OperationFilter& filter) = 0;
    /// In the order in which they happened.
    virtual std::vector<JournalEvent> timeline(const Uuid& operation) = 0;

    /// The last event that names the device.
    virtual std::optional<JournalEvent> lastEvent(const Uuid& vm, const Alias& alias) = 0;

    /// The events after a cursor, or all of them after 0, oldest first, at most `limit`. Empty optional: some of them have
    /// been dropped, or the cursor is not of this journal.
    virtual std::optional<std::vector<JournalEvent>> events(
        std::uint64_t after, std::size_t limit, const std::optional<Uuid>& vm) = 0;
    /// That of the latest event; without one, where this journal's cursors begin: behind those of any older journal.
    virtual std::uint64_t cursor() = 0;
    /// Waits until there is an event after the cursor, the deadline passes (false) or wakeWaiters() is called (false).
    virtual bool awaitEvent(std::uint64_t after, Clock::time_point deadline) = 0;
    /// No more waiting: we stop.
    virtual void wakeWaiters() = 0;
};

/// Opens or creates `directory/journal.sqlite` (0600); the directory must exist. Throws JournalError when the file is
/// unwritable, damaged, not ours or written by a newer version, and leaves it as it is; or when another process has
/// this journal open. It is held (`journal.lock`) as long as the object lives.
std::unique_ptr<Journal> openJournal(const std::filesystem::path& directory, const JournalLimits& limits = {});

/// The same, but a journal that cannot be used becomes one whose every method throws why: hotplugd reads on and changes
/// nothing. The file stays as it is; once it is mended, opening it again is all that is needed. Throws JournalInUse.
std::unique_ptr<Journal> openJournalOrRefuse(const std::filesystem::path& directory, const JournalLimits& limits = {});

} // namespace hotplug
