#include "operation/repetition.h"

#include "operation/journal_refusal.h"
#include "operation/known_operation.h"
#include "operation/turn_journal.h"

#include <algorithm>

namespace hotplug {

namespace {

Refusal requestIdReused(const Uuid& operation)
{
    return Refusal(Reason::RequestIdReused,
        "this requestId named another request before; give each request an id of its own")
        .at("/requestId").against(operation.str());
}

bool wasPending(Journal& journal, const Uuid& operation)
{
    const auto timeline = journal.timeline(operation);
    return std::ranges::find(timeline, EventKind::Pending, &JournalEvent::kind) != timeline.end();
}

bool isLatest(Journal& journal, const JournalEntry& entry)
{
    return std::ranges::all_of(entry.intent.plans, [&](const Plan& plan) {
        const auto latest = journal.findDevice(plan.vm, plan.alias);
        return latest && latest->id == entry.id;
    });
}

} // namespace

std::shared_ptr<Operation> findRequest(const Ask& ask, const OpenChanges& open, Journal& journal)
{
    if (ask.requestId.empty())
        return nullptr;
    if (const auto change = open.findRequest(ask.requestId)) {
        if (change->ask().verb != ask.verb || change->ask().vm != ask.vm || change->ask().params != ask.params)
            throw requestIdReused(change->id());
        return change;
    }
    const auto entry = askJournal([&] { return journal.findRequest(ask.requestId); });
    if (!entry)
        return nullptr;
    if (entry->verb != ask.verb || entry->intent.vm() != ask.vm || entry->params != ask.params)
        throw requestIdReused(entry->id);
    if (const auto other = open.find(entry->id))                // it had joined another request's operation
        return other;
    return std::make_shared<KnownOperation>(askJournal([&] { return journal.find(entry->id); }).value());
}

std::shared_ptr<Operation> joinUnplug(const Ask& ask, const OpenChanges& open, Journal& journal)
{
    const auto same = ask.repeats
        ? open.findUnplug(ask.vm, [&ask](const Intent& intent) { return ask.repeats(intent, false); })
        : nullptr;
    if (same)
        keepRequest(ask, same->id(), journal);
    return same;
}

std::shared_ptr<Operation> findRepeatedUnplug(const Ask& ask, Journal& journal)
{
    if (!ask.repeats)
        return nullptr;
    OperationFilter filter;
    filter.vm = ask.vm;
    for (const auto& entry : journal.list(filter))
        if (entry.outcome == Outcome::Done && ask.repeats(entry.intent, true) && wasPending(journal, entry.id)
            && isLatest(journal, entry))
            return std::make_shared<KnownOperation>(entry);
    return nullptr;
}

} // namespace hotplug
