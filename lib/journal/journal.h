#pragma once

#include "base/uuid.h"
#include "model/outcome.h"

#include <chrono>
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
    Intent intent;
    uid_t uid = 0;                              ///< Who asked.
    pid_t pid = 0;
    std::chrono::system_clock::time_point opened;  ///< Kept in milliseconds.
    Outcome outcome = Outcome::Running;
    std::optional<Reason> reason;
    std::string sentence;                       ///< Why, for people; empty when done.
};

class JournalError : public std::exception {
public:
    explicit JournalError(std::string text) : text_(std::move(text)) {}
    const char* what() const noexcept override { return text_.c_str(); }

private:
    std::string text_;
};

/// The intent of every change, on disk before libvirt hears of it. SQLite in WAL mode with synchronous=NORMAL:
/// survives our crash without an fsync per operation; a crash of the host takes the VMs along. Thread-safe.
class Journal {
public:
    virtual ~Journal() = default;
    /// The row is in the file when this returns. Throws JournalError, after which nothing may be changed. Rows of the
    /// same VM that share an alias with it and are still open have lost their outcome (their settling failed): they are settled with it
    /// as failed, RECOVERING, lest a restart act on what has long been replaced. From time to time also drops the oldest
    /// settled operations, so that the file stays bounded.
    virtual void open(const JournalEntry& entry) = 0;
    /// Another address is tried (SPEC P1), or a list is taken back: replaces the intent of an open row. Throws
    /// JournalError, also when the row is settled or unknown.
    virtual void rewrite(const Uuid& id, const Intent& intent) = 0;
    /// Settles, or notes an intermediate `pending`. Settling again with the same outcome changes nothing; with another
    /// one, or for an operation that is not known, it throws JournalError.
    virtual void settle(const Uuid& id, Outcome outcome, std::optional<Reason> reason, const std::string& sentence) = 0;
    /// Operations whose outcome is running or pending, in the order they were opened. A row that this version cannot
    /// read is logged, left out and left as it is. Throws JournalError.
    virtual std::vector<JournalEntry> unsettled() = 0;
    /// Empty: never opened, or settled long ago and dropped. Throws JournalError.
    virtual std::optional<JournalEntry> find(const Uuid& id) = 0;
};

/// Opens or creates `directory/journal.sqlite` (0600); the directory must exist. Throws JournalError when the file is
/// unwritable, damaged, not ours or written by a newer version, and leaves it as it is; or when another process has
/// this journal open. It is held (`journal.lock`) as long as the object lives.
std::unique_ptr<Journal> openJournal(const std::filesystem::path& directory);

} // namespace hotplug
