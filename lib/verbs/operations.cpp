#include "verbs/verbs.h"

#include "operation/journal_refusal.h"

namespace hotplug::verbs {

namespace {

constexpr std::size_t eventsAtOnce = 500;

/// Until the journal has an operation's outcome, what its callers were told counts, and its lane knows best why.
OperationView viewOf(const Context& context, JournalEntry entry)
{
    const auto state = context.operations.find(entry.id);
    if (state && !entry.settled && state->outcome != Outcome::Running) {
        entry.outcome = state->outcome;
        entry.reason = state->reason;
        entry.sentence = state->sentence;
    }
    return {std::move(entry), {}};
}

EventPage pageAfter(Journal& journal, std::uint64_t after, const std::optional<Uuid>& vm)
{
    const auto last = journal.cursor();         // read first: later events are found by the next call
    auto events = journal.events(after, eventsAtOnce, vm);
    if (!events)
        throw Refusal(Reason::CursorTooOld,
            "events after this cursor are not kept any more, or it is not of this journal; list the operations and "
            "watch on without a cursor").at("/after");
    const auto seen = events->empty() ? after : events->back().cursor;
    const auto cursor = events->size() < eventsAtOnce ? std::max(seen, last) : seen;
    return {*std::move(events), cursor};
}

} // namespace

std::vector<OperationView> listOperations(Context& context, const OperationFilter& filter)
{
    return askJournal([&] {
        std::vector<OperationView> views;
        for (auto& entry : context.journal.list(filter))
            if (auto view = viewOf(context, std::move(entry)); !filter.openOnly || isOpen(view.entry.outcome))
                views.push_back(std::move(view));
        return views;
    });
}

OperationView getOperation(Context& context, const Uuid& operation)
{
    return askJournal([&] {
        auto entry = context.journal.find(operation);
        if (!entry)
            throw Refusal(Reason::OperationNotFound, "no operation has this id; list them to see which there are")
                .at("/operationId");
        auto view = viewOf(context, *std::move(entry));
        view.timeline = context.journal.timeline(operation);
        return view;
    });
}

OperationState cancelOperation(Context& context, const Uuid& operation, Clock::time_point deadline)
{
    return context.operations.cancel(operation, deadline);
}

EventPage watchEvents(Context& context, std::optional<std::uint64_t> after, const std::optional<Uuid>& vm,
    Clock::time_point deadline)
{
    return askJournal([&] {
        auto from = after ? *after : context.journal.cursor();
        for (;;) {
            auto page = pageAfter(context.journal, from, vm);
            if (!page.events.empty() || Clock::now() >= deadline || !context.journal.awaitEvent(page.cursor, deadline))
                return page;
            from = page.cursor;
        }
    });
}

} // namespace hotplug::verbs
