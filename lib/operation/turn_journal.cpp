#include "operation/turn_journal.h"

#include "base/log.h"
#include "operation/journal_refusal.h"
#include "operation/repetition.h"

namespace hotplug {

void TurnJournal::open(const Intent& intent)
{
    const auto& ask = change_.ask();
    JournalEntry entry;
    entry.id = change_.id();
    entry.verb = ask.verb;
    entry.intent = intent;
    entry.requestId = ask.requestId;
    entry.params = ask.params;
    entry.uid = ask.caller.uid;
    entry.pid = ask.caller.pid;
    entry.opened = std::chrono::system_clock::now();
    journal_.open(entry);
}

void TurnJournal::rewrite(const Intent& intent)
{
    journal_.rewrite(change_.id(), intent);
}

void TurnJournal::note(EventKind kind, std::size_t entry, const std::string& sentence)
{
    try {
        JournalEvent event;
        event.vm = change_.ask().vm;
        event.operation = change_.id();
        event.alias = change_.intent()->plans[entry].alias.str();
        event.kind = kind;
        event.sentence = sentence;
        journal_.note(event);
    } catch (const JournalError& error) {
        spdlog::warn("journal: {}", error.what());
    }
}

void TurnJournal::noteTold()
{
    note(EventKind::Pending, 0, "its end came as this was said");
}

bool TurnJournal::settle(const Next& next)
{
    try {
        journal_.settle(change_.id(), next.outcome, next.reason, next.sentence);
        return true;
    } catch (const JournalError& error) {
        spdlog::error("journal: operation {} is still open in it: {}", change_.id().str(), error.what());
        return false;
    }
}

void keepRequest(const Ask& ask, const Uuid& operation, Journal& journal)
{
    if (!ask.requestId.empty())
        askJournal([&] { journal.join(operation, ask.requestId, ask.params); });
}

bool TurnJournal::wasAskedBefore(const Plan& plan)
{
    if (plan.goal == Goal::Plug)
        return false;
    const auto latest = journal_.findDevice(plan.vm, plan.alias);
    return latest && latest->outcome == Outcome::Cancelled;
}

std::shared_ptr<Operation> TurnJournal::findRepeated()
{
    try {
        return findRepeatedUnplug(change_.ask(), journal_);
    } catch (const JournalError& error) {
        spdlog::error("journal: {}", error.what());
        return nullptr;
    }
}

bool TurnJournal::isSuperseded()
{
    try {
        const auto entry = journal_.find(change_.id());
        return !entry || !isOpen(entry->outcome);
    } catch (const JournalError&) {
        return false;
    }
}

} // namespace hotplug
