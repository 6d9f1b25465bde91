#include "faults/crashing_foundations.h"

namespace hotplug::test {

namespace {

class CrashingJournal final : public Journal {
public:
    CrashingJournal(std::unique_ptr<Journal> real, std::shared_ptr<CrashingSteps> steps)
        : real_(std::move(real)), steps_(std::move(steps))
    {
    }

    void open(const JournalEntry& entry) override
    {
        steps_->around(openingStep, [&] { real_->open(entry); });
    }
    void join(const Uuid& id, const std::string& requestId, const std::string& params) override
    {
        real_->join(id, requestId, params);
    }
    void rewrite(const Uuid& id, const Intent& intent) override
    {
        steps_->around(intent.givenUp ? Act::GiveUp : Act::Replan, [&] { real_->rewrite(id, intent); });
    }
    void settle(const Uuid& id, Outcome outcome, std::optional<Reason> reason, const std::string& sentence) override
    {
        steps_->around(outcome == Outcome::Pending ? Act::Wait : Act::Settle,
            [&] { real_->settle(id, outcome, reason, sentence); });
    }

    void requireUsable() override { real_->requireUsable(); }
    void note(const JournalEvent& event) override { real_->note(event); }
    std::vector<JournalEntry> unsettled() override { return real_->unsettled(); }
    std::optional<JournalEntry> find(const Uuid& id) override { return real_->find(id); }
    std::optional<JournalEntry> findRequest(const std::string& id) override { return real_->findRequest(id); }
    std::optional<JournalEntry> findDevice(const Uuid& vm, const Alias& alias) override
    {
        return real_->findDevice(vm, alias);
    }
    std::vector<JournalEntry> list(const OperationFilter& filter) override { return real_->list(filter); }
    std::vector<JournalEvent> timeline(const Uuid& operation) override { return real_->timeline(operation); }
    std::optional<JournalEvent> lastEvent(const Uuid& vm, const Alias& alias) override
    {
        return real_->lastEvent(vm, alias);
    }
    std::optional<std::vector<JournalEvent>> events(
        std::uint64_t after, std::size_t limit, const std::optional<Uuid>& vm) override
    {
        return real_->events(after, limit, vm);
    }
    std::uint64_t cursor() override { return real_->cursor(); }
    bool awaitEvent(std::uint64_t after, Clock::time_point deadline) override
    {
        return real_->awaitEvent(after, deadline);
    }
    void wakeWaiters() override { real_->wakeWaiters(); }

private:
    std::unique_ptr<Journal> real_;
    std::shared_ptr<CrashingSteps> steps_;
};

} // namespace

std::unique_ptr<Journal> crashing(std::unique_ptr<Journal> real, std::shared_ptr<CrashingSteps> steps)
{
    return std::make_unique<CrashingJournal>(std::move(real), std::move(steps));
}

} // namespace hotplug::test
