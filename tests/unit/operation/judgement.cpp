#include "judgement.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

namespace hotplug::test {

namespace {

class Judgement {
public:
    explicit Judgement(Stage& stage) : stage_(stage) {}

    std::string text()
    {
        judgeOpen();
        judgeClients();
        judgeRequests();
        for (const auto& entry : allOperations())
            judgeTimeline(entry);
        for (unsigned vm = 0; vm < Stage::vms; ++vm)
            judgeVm(vm);
        return problems_.str();
    }

private:
    void require(bool holds, const std::string& problem)
    {
        if (!holds)
            problems_ << problem << '\n';
    }

    static bool isOpen(const JournalEntry& entry)
    {
        return entry.outcome == Outcome::Running || entry.outcome == Outcome::Pending;
    }

    std::vector<JournalEntry> allOperations()
    {
        OperationFilter all;
        all.limit = 10'000;
        return stage_.journal.list(all);
    }

    /// What the journal has open is what we work on.
    void judgeOpen()
    {
        std::set<Uuid> journalled, held;
        for (const auto& entry : stage_.journal.unsettled()) {
            journalled.insert(entry.id);
            require(entry.outcome == Outcome::Pending, entry.id.str() + " has no outcome");
        }
        for (unsigned vm = 0; vm < Stage::vms; ++vm)
            for (const auto& one : stage_.operations().open(Stage::uuid(vm)))
                held.insert(one.id);
        require(journalled == held, "the journal has other operations open than we");
    }

    void judgeClients()
    {
        for (std::size_t i = 0; i < stage_.clients.size(); ++i) {
            const auto& client = stage_.clients[i];
            const auto who = "client " + std::to_string(i) + ": ";
            if (client.turnedAway)
                continue;
            require(client.told || client.life + 1 < lives(), who + "has no answer");
            if (client.told)
                judgeAnswer(who, *client.told);
        }
    }

    void judgeAnswer(const std::string& who, const OperationState& told)
    {
        const auto entry = stage_.journal.find(told.id);
        if (told.outcome == Outcome::Refused)
            return require(!entry, who + "was refused, and the journal has it");
        require(told.outcome != Outcome::Running, who + "was told that it runs");
        require(entry.has_value(), who + "was answered, and the journal does not know it");
        if (!entry || told.outcome == Outcome::Pending || stage_.journalWasFull)
            return;
        require(told.outcome == entry->outcome, who + "was told " + std::string(name(told.outcome)) + ", it is "
            + std::string(name(entry->outcome)));
    }

    std::size_t lives() const { return stage_.lives(); }

    void judgeRequests()
    {
        std::map<std::string, std::set<Uuid>> named;
        for (const auto& entry : allOperations())
            if (!entry.requestId.empty())
                named[entry.requestId].insert(entry.id);
        for (const auto& [request, ids] : named)
            require(ids.size() == 1, request + " names several operations");
    }

    void judgeTimeline(const JournalEntry& entry)
    {
        const auto timeline = stage_.journal.timeline(entry.id);
        const auto id = entry.id.str();
        if (timeline.empty())
            return require(false, id + " has no timeline");
        require(timeline.front().kind == EventKind::Started, id + " does not begin with started");
        std::uint64_t last = 0;
        for (const auto& event : timeline) {
            require(event.cursor > last, id + ": cursors do not rise");
            last = event.cursor;
        }
        if (isOpen(entry) || isSuperseded(entry))
            return;
        std::size_t ends = 0;
        auto end = EventKind::Started;
        for (const auto& event : timeline)
            if (event.kind == EventKind::Done || event.kind == EventKind::Failed || event.kind == EventKind::Cancelled || event.kind == EventKind::Moved) {
                ++ends;
                end = event.kind;
            }
        require(ends == 1, id + " ends " + std::to_string(ends) + " times");
        const auto expected = entry.outcome == Outcome::Done ? EventKind::Done
            : entry.outcome == Outcome::Cancelled            ? EventKind::Cancelled
            : entry.outcome == Outcome::Moved                ? EventKind::Moved
                                                             : EventKind::Failed;
        require(end == expected, id + " ends otherwise than its outcome says");
    }

    bool isSuperseded(const JournalEntry& entry) const
    {
        return stage_.journalWasFull && entry.sentence.starts_with("superseded");
    }

    void judgeVm(unsigned vm)
    {
        std::size_t leaving = 0;
        for (const auto& entry : stage_.journal.unsettled())
            leaving += entry.intent.vm() == Stage::uuid(vm) && entry.intent.goal() == Goal::Plug;
        if (leaving == 0)
            require(stage_.fake.orphans(Stage::uuid(vm)) == 0, nameOf(vm) + " has orphans");
        for (unsigned number = 0; number < Stage::devices; ++number)
            judgeDevice(vm, number);
    }

    static std::string nameOf(unsigned vm) { return "vm" + std::to_string(vm); }

    void judgeDevice(unsigned vm, unsigned number)
    {
        const auto where = stage_.look(vm, number);
        const auto who = nameOf(vm) + " disk-" + std::to_string(number) + ": ";
        const auto entry = stage_.journal.findDevice(Stage::uuid(vm), Alias::of(Stage::device(number)));
        if (!where.exists)
            return require(!entry || !isOpen(*entry), who + "open, though the VM is gone");
        if (!entry)
            return require(!where.live && !where.config && !where.recorded, who + "there without an operation");
        if (isOpen(*entry))
            return judgePending(who, vm, *entry, where, number);
        if (!isSuperseded(*entry) && !stage_.disturbedSince(vm, number, stage_.journal.timeline(entry->id).front().cursor))
            judgeOutcome(who, vm, number, *entry, where);
    }

    void judgePending(const std::string& who, unsigned vm, const JournalEntry& entry, const Stage::Where& where,
        unsigned number)
    {
        bool deaf = false;
        for (unsigned other = 0; other < Stage::devices; ++other)
            deaf = deaf || (stage_.isDeaf(vm, other) && entry.intent.find(Alias::of(Stage::device(other))));
        require(deaf, who + "pending, though the guest answers");
        if (entry.intent.goal() == Goal::Unplug && stage_.isDeaf(vm, number) && entry.intent.plans.size() == 1)
            require(where.live, who + "pending, though it is gone");
        if (entry.intent.goal() == Goal::Plug)
            require(stage_.fake.orphans(Stage::uuid(vm)) > 0, who + "the plug is pending for nothing");
    }

    void judgeOutcome(const std::string& who, unsigned vm, unsigned number, const JournalEntry& entry,
        const Stage::Where& where)
    {
        const auto& plan = *entry.intent.find(Alias::of(Stage::device(number)));
        const bool nowhere = !where.live && !where.config && !where.recorded;
        const auto state = std::string(name(plan.goal)) + " " + std::string(name(entry.outcome)) + " live "
            + std::to_string(where.live) + " config " + std::to_string(where.config) + " record "
            + std::to_string(where.recorded);
        // A device that was lost is given back to the guest alone: the definition has it still.
        const bool isDefined = plan.persist || (plan.record && plan.record->persist);
        if (plan.goal == Goal::Plug)
            require(entry.outcome == Outcome::Done
                    ? where.live && where.recorded && where.config == (isDefined && where.persistent)
                    : nowhere || (!where.live && wasThereBefore(entry, plan)), who + state);
        else if (entry.outcome == Outcome::Done || entry.intent.givenUp)
            require(!where.live && !where.recorded && (!where.config || !plan.persist), who + state);
        else
            // Where the VM has moved from, a record may tell of a device that had left just before.
            require(where.live == where.recorded || leftAfterCancel(plan) || entry.outcome == Outcome::Moved
                    || wasLostBefore(vm, number, entry) || stage_.isSilent(vm, number), who + state);
    }

    /// A device that was lost, or unplugged from the running VM alone, keeps its definition and record when it cannot be
    /// given back.
    bool wasThereBefore(const JournalEntry& failed, const Plan& plan) const
    {
        const auto before = doneBefore(failed, plan);
        const auto* last = before ? before->intent.find(plan.alias) : nullptr;
        return last && (last->goal == Goal::Plug || !last->persist);
    }

    /// One of a list that failed is left as it was found: lost.
    bool wasLostBefore(unsigned vm, unsigned number, const JournalEntry& failed) const
    {
        const auto before = doneBefore(failed, *failed.intent.find(Alias::of(Stage::device(number))));
        return before && stage_.disturbedSince(vm, number, stage_.journal.timeline(before->id).front().cursor);
    }

    /// Done, or perhaps done: where the VM has moved from, nobody knows.
    std::optional<JournalEntry> doneBefore(const JournalEntry& latest, const Plan& plan) const
    {
        for (const auto& entry : stage_.journal.list({.vm = plan.vm, .openOnly = false, .limit = 10'000}))
            if (entry.id != latest.id && entry.intent.find(plan.alias)
                && (entry.outcome == Outcome::Done || entry.outcome == Outcome::Moved))
                return entry;
        return std::nullopt;
    }

    bool leftAfterCancel(const Plan& plan) const
    {
        const auto last = stage_.journal.lastEvent(plan.vm, plan.alias);
        return last && last->kind == EventKind::RemovedAfterCancel;
    }

    Stage& stage_;
    std::ostringstream problems_;
};

} // namespace

std::string problemsOf(Stage& stage)
{
    return Judgement(stage).text();
}

} // namespace hotplug::test
