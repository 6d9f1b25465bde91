#include "support/memory_journal.h"

#include <algorithm>

namespace hotplug::test {

namespace {

bool isSettled(const JournalEntry& entry)
{
    return !isOpen(entry.outcome);
}

bool shareDevice(const Intent& one, const Intent& other)
{
    return one.vm() == other.vm() && std::ranges::any_of(one.plans, [&](const Plan& plan) {
        return !plan.alias.empty() && other.find(plan.alias);
    });
}

EventKind kindOf(Outcome outcome)
{
    return outcome == Outcome::Done ? EventKind::Done
        : outcome == Outcome::Pending ? EventKind::Pending
        : outcome == Outcome::Cancelled ? EventKind::Cancelled
        : outcome == Outcome::Moved ? EventKind::Moved
                                        : EventKind::Failed;
}

} // namespace

void MemoryJournal::open(const JournalEntry& entry)
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
    add(entry, EventKind::Started);
}

void MemoryJournal::rewrite(const Uuid& id, const Intent& intent)
{
    const std::lock_guard lock(mutex_);
    requireWritable();
    openAt(id).intent = intent;
}

void MemoryJournal::settle(const Uuid& id, Outcome outcome, std::optional<Reason> reason, const std::string& sentence)
{
    const std::lock_guard lock(mutex_);
    requireWritable();
    auto& entry = at(id);
    if (isSettled(entry) && entry.outcome != outcome)
        throw JournalError("settled already, with another outcome");
    const bool staysCancelled = outcome == Outcome::Pending && entry.reason == Reason::Cancelled;
    entry.outcome = outcome;
    if (!staysCancelled) {
        entry.reason = reason;
        entry.sentence = sentence;
    }
    if (isSettled(entry) && !entry.settled)
        entry.settled = std::chrono::system_clock::now();
    add(entry, kindOf(outcome));
}

void MemoryJournal::note(const JournalEvent& event)
{
    const std::lock_guard lock(mutex_);
    requireWritable();
    append(event);
}

std::vector<JournalEntry> MemoryJournal::unsettled()
{
    const std::lock_guard lock(mutex_);
    std::vector<JournalEntry> found;
    std::ranges::copy_if(entries_, std::back_inserter(found), [](const auto& entry) { return !isSettled(entry); });
    return found;
}

std::optional<JournalEntry> MemoryJournal::find(const Uuid& id)
{
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(entries_, id, &JournalEntry::id);
    return found == entries_.end() ? std::nullopt : std::optional(*found);
}

void MemoryJournal::join(const Uuid& id, const std::string& requestId, const std::string& params)
{
    const std::lock_guard lock(mutex_);
    requireWritable();
    joined_.insert_or_assign(requestId, std::pair(id, params));
}

std::optional<JournalEntry> MemoryJournal::findRequest(const std::string& requestId)
{
    const std::lock_guard lock(mutex_);
    if (const auto joined = joined_.find(requestId); joined != joined_.end()) {
        auto entry = at(joined->second.first);
        entry.requestId = requestId;
        entry.params = joined->second.second;
        return entry;
    }
    const auto found = std::find_if(entries_.rbegin(), entries_.rend(),
        [&](const JournalEntry& entry) { return entry.requestId == requestId; });
    return found == entries_.rend() ? std::nullopt : std::optional(*found);
}

std::optional<JournalEntry> MemoryJournal::findDevice(const Uuid& vm, const Alias& alias)
{
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(entries_.rbegin(), entries_.rend(),
        [&](const JournalEntry& entry) { return entry.intent.vm() == vm && entry.intent.find(alias); });
    return found == entries_.rend() ? std::nullopt : std::optional(*found);
}

std::optional<JournalEvent> MemoryJournal::lastEvent(const Uuid& vm, const Alias& alias)
{
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(events_.rbegin(), events_.rend(),
        [&](const JournalEvent& event) { return event.vm == vm && event.alias == alias.str(); });
    return found == events_.rend() ? std::nullopt : std::optional(*found);
}

std::vector<JournalEntry> MemoryJournal::list(const OperationFilter& filter)
{
    const std::lock_guard lock(mutex_);
    std::vector<JournalEntry> found;
    std::copy_if(entries_.rbegin(), entries_.rend(), std::back_inserter(found), [&](const JournalEntry& entry) {
        return (!filter.vm || entry.intent.vm() == *filter.vm) && !(filter.openOnly && isSettled(entry));
    });
    found.resize(std::min(found.size(), filter.limit));
    return found;
}

std::vector<JournalEvent> MemoryJournal::timeline(const Uuid& operation)
{
    const std::lock_guard lock(mutex_);
    std::vector<JournalEvent> found;
    std::ranges::copy_if(events_, std::back_inserter(found),
        [&](const JournalEvent& event) { return event.operation == operation; });
    return found;
}

std::optional<std::vector<JournalEvent>> MemoryJournal::events(
    std::uint64_t after, std::size_t limit, const std::optional<Uuid>& vm)
{
    const std::lock_guard lock(mutex_);
    if (after > events_.size())
        return std::nullopt;
    std::vector<JournalEvent> found;
    for (auto i = after; i < events_.size() && found.size() < limit; ++i)
        if (!vm || events_[i].vm == *vm)
            found.push_back(events_[i]);
    return found;
}

std::uint64_t MemoryJournal::cursor()
{
    const std::lock_guard lock(mutex_);
    return events_.size();
}

bool MemoryJournal::awaitEvent(std::uint64_t after, Clock::time_point deadline)
{
    std::unique_lock lock(mutex_);
    return happened_.wait_until(lock, deadline, [&] { return stopped_ || events_.size() > after; }) && !stopped_;
}

void MemoryJournal::wakeWaiters()
{
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    happened_.notify_all();
}

std::size_t MemoryJournal::size() const
{
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

void MemoryJournal::requireUsable()
{
    if (unusable)
        throw JournalError("the test says so");
}

void MemoryJournal::requireWritable() const
{
    if (unwritable)
        throw JournalError("the test says so");
}

JournalEntry& MemoryJournal::at(const Uuid& id)
{
    const auto found = std::ranges::find(entries_, id, &JournalEntry::id);
    if (found == entries_.end())
        throw JournalError("no such operation");
    return *found;
}

JournalEntry& MemoryJournal::openAt(const Uuid& id)
{
    auto& entry = at(id);
    if (isSettled(entry))
        throw JournalError("settled already");
    return entry;
}

void MemoryJournal::add(const JournalEntry& entry, EventKind kind)
{
    JournalEvent event;
    event.vm = entry.intent.vm();
    event.operation = entry.id;
    if (entry.intent.plans.size() == 1)
        event.alias = entry.intent.plans.front().alias.str();
    event.kind = kind;
    event.reason = entry.reason;
    event.sentence = entry.sentence;
    append(std::move(event));
}

void MemoryJournal::append(JournalEvent event)
{
    event.cursor = events_.size() + 1;
    event.time = std::chrono::system_clock::now();
    events_.push_back(std::move(event));
    happened_.notify_all();
}

} // namespace hotplug::test
