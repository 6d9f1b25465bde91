#pragma once

#include "journal/journal.h"

#include <algorithm>
#include <mutex>

namespace hotplug::test {

/// A journal in memory that can be told to fail. Thread-safe.
class MemoryJournal final : public Journal {
public:
    bool unwritable = false;                    ///< Set before use by other threads.

    void open(const JournalEntry& entry) override
    {
        const std::lock_guard lock(mutex_);
        requireWritable();
        for (auto& older : entries_)
            if (!isSettled(older) && shareDevice(older.intent, entry.intent)) {
                older.outcome = Outcome::Failed;
                older.reason = Reason::Recovering;
                older.sentence = "superseded by operation " + entry.id.str();
            }
        entries_.push_back(entry);
    }

    void rewrite(const Uuid& id, const Intent& intent) override
    {
        const std::lock_guard lock(mutex_);
        requireWritable();
        open(id).intent = intent;
    }

    void settle(const Uuid& id, Outcome outcome, std::optional<Reason> reason, const std::string& sentence) override
    {
        const std::lock_guard lock(mutex_);
        requireWritable();
        auto& entry = at(id);
        if (isSettled(entry) && entry.outcome != outcome)
            throw JournalError("settled already, with another outcome");
        entry.outcome = outcome;
        entry.reason = reason;
        entry.sentence = sentence;
    }

    std::vector<JournalEntry> unsettled() override
    {
        const std::lock_guard lock(mutex_);
        std::vector<JournalEntry> found;
        std::ranges::copy_if(entries_, std::back_inserter(found), [](const JournalEntry& entry) {
            return !isSettled(entry);
        });
        return found;
    }

    std::optional<JournalEntry> find(const Uuid& id) override
    {
        const std::lock_guard lock(mutex_);
        const auto found = std::ranges::find(entries_, id, &JournalEntry::id);
        return found == entries_.end() ? std::nullopt : std::optional(*found);
    }

    std::size_t size() const
    {
        const std::lock_guard lock(mutex_);
        return entries_.size();
    }

private:
    void requireWritable() const
    {
        if (unwritable)
            throw JournalError("the test says so");
    }

    static bool shareDevice(const Intent& one, const Intent& other)
    {
        return one.vm() == other.vm() && std::ranges::any_of(one.plans, [&](const Plan& plan) {
            return !plan.alias.empty() && other.find(plan.alias);
        });
    }

    static bool isSettled(const JournalEntry& entry)
    {
        return entry.outcome != Outcome::Running && entry.outcome != Outcome::Pending;
    }

    JournalEntry& open(const Uuid& id)
    {
        auto& entry = at(id);
        if (isSettled(entry))
            throw JournalError("settled already");
        return entry;
    }

    JournalEntry& at(const Uuid& id)
    {
        const auto found = std::ranges::find(entries_, id, &JournalEntry::id);
        if (found == entries_.end())
            throw JournalError("no such operation");
        return *found;
    }

    mutable std::mutex mutex_;
    std::vector<JournalEntry> entries_;
};

} // namespace hotplug::test
