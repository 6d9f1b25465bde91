#include "journal/journal.h"
#include "journal/journal_file.h"

#include <memory>

namespace hotplug {

namespace {

/// Stands in for a journal that cannot be used. It keeps the directory's lock, where there is one to have, so that no
/// second hotplugd finds the file mended and works beside this one.
class RefusingJournal final : public Journal {
public:
    RefusingJournal(std::string problem, std::unique_ptr<JournalLock> lock)
        : problem_(std::move(problem)), lock_(std::move(lock)) {}

    void requireUsable() override { refuse(); }
    void open(const JournalEntry&) override { refuse(); }
    void join(const Uuid&, const std::string&, const std::string&) override { refuse(); }
    void rewrite(const Uuid&, const Intent&) override { refuse(); }
    void settle(const Uuid&, Outcome, std::optional<Reason>, const std::string&) override { refuse(); }
    void note(const JournalEvent&) override { refuse(); }
    /// None that can be known: they stay open in the file, until it is read again.
    std::vector<JournalEntry> unsettled() override { return {}; }
    std::optional<JournalEntry> find(const Uuid&) override { refuse(); }
    std::optional<JournalEntry> findRequest(const std::string&) override { refuse(); }
    std::optional<JournalEntry> findDevice(const Uuid&, const Alias&) override { refuse(); }
    std::vector<JournalEntry> list(const OperationFilter&) override { refuse(); }
    std::vector<JournalEvent> timeline(const Uuid&) override { refuse(); }
    std::optional<JournalEvent> lastEvent(const Uuid&, const Alias&) override { refuse(); }
    std::optional<std::vector<JournalEvent>> events(std::uint64_t, std::size_t, const std::optional<Uuid>&) override
    {
        refuse();
    }
    std::uint64_t cursor() override { refuse(); }
    bool awaitEvent(std::uint64_t, Clock::time_point) override { refuse(); }
    void wakeWaiters() override {}

private:
    [[noreturn]] void refuse() const { throw JournalError(problem_); }

    const std::string problem_;
    const std::unique_ptr<JournalLock> lock_;
};

std::unique_ptr<JournalLock> lockIfPossible(const std::filesystem::path& directory)
{
    try {
        return std::make_unique<JournalLock>(directory);
    } catch (const JournalInUse&) {
        throw;
    } catch (const JournalError&) {
        return nullptr;                         // no directory to keep others away from
    }
}

} // namespace

std::unique_ptr<Journal> openJournalOrRefuse(const std::filesystem::path& directory, const JournalLimits& limits)
{
    try {
        return openJournal(directory, limits);
    } catch (const JournalInUse&) {
        throw;
    } catch (const JournalError& error) {
        return std::make_unique<RefusingJournal>(
            std::string(error.what()) + "; see to that, then restart hotplugd", lockIfPossible(directory));
    }
}

} // namespace hotplug
