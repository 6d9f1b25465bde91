#pragma once

#include "journal/journal.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>

namespace hotplug::test {

/// A journal in memory that can be told to fail. Thread-safe.
class MemoryJournal final : public Journal {
public:
    std::atomic<bool> unwritable = false;
    std::atomic<bool> unusable = false;         ///< It cannot be opened, and this is known (requireUsable).

    void requireUsable() override;
    void open(const JournalEntry& entry) override;
    void rewrite(const Uuid& id, const Intent& intent) override;
    void settle(const Uuid& id, Outcome outcome, std::optional<Reason> reason, const std::string& sentence) override;
    void note(const JournalEvent& event) override;
    std::vector<JournalEntry> unsettled() override;
    std::optional<JournalEntry> find(const Uuid& id) override;
    void join(const Uuid& id, const std::string& requestId, const std::string& params) override;
    std::optional<JournalEntry> findRequest(const std::string& requestId) override;
    std::optional<JournalEntry> findDevice(const Uuid& vm, const Alias& alias) override;
    std::vector<JournalEntry> list(const OperationFilter& filter) override;
    std::vector<JournalEvent> timeline(const Uuid& operation) override;
    std::optional<std::vector<JournalEvent>> events(
        std::uint64_t after, std::size_t limit, const std::optional<Uuid>& vm) override;
    std::optional<JournalEvent> lastEvent(const Uuid& vm, const Alias& alias) override;
    std::uint64_t cursor() override;
    bool awaitEvent(std::uint64_t after, Clock::time_point deadline) override;
    void wakeWaiters() override;

    std::size_t size() const;

private:
    void requireWritable() const;
    JournalEntry& at(const Uuid& id);
    JournalEntry& openAt(const Uuid& id);
    void add(const JournalEntry& entry, EventKind kind);
    void append(JournalEvent event);

    mutable std::mutex mutex_;
    std::condition_variable happened_;
    std::vector<JournalEntry> entries_;
    std::map<std::string, std::pair<Uuid, std::string>> joined_;   // request id → operation, params
    std::vector<JournalEvent> events_;
    bool stopped_ = false;
};

} // namespace hotplug::test
