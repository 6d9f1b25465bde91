#include "operation/repeated_unplug.h"

#include "operation/known_operation.h"

#include <algorithm>

namespace hotplug {

namespace {

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
