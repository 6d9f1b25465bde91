#pragma once

#include "operation/next.h"
#include "operation/operations.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>

namespace hotplug {

/// An operation from ask to outcome. What callers see is guarded by a mutex; what its turns remember belongs to the
/// VM's lane alone, one turn after the other.
class Change : public Operation {
public:
    /// The permits say what it waited for if its turn does not come in time.
    Change(Ask ask, std::shared_ptr<const ChangePermits> permits);
    /// Taken up from the journal.
    Change(const JournalEntry& entry, Clock::time_point now);

    OperationState await(Clock::time_point deadline) override;

    const Uuid& id() const { return id_; }
    bool takenUp() const { return !permits_; }          ///< Those who asked for it are gone, and were told nothing.
    const Ask& ask() const { return ask_; }

    // Called by the lane.
    /// The point of no return: false when a caller's deadline came first, then nothing may be touched. Callers whose
    /// deadline passes after it are answered once the journal has its word: opened(), or refuse().
    bool begin(const Intent& intent);
    void opened();
    void join(std::shared_ptr<Operation> other);        ///< This call waits for an earlier one with the same goal.
    void refuse(const Refusal& refusal);
    void rewrite(const Intent& intent);                 ///< Another address, or the way back.
    void dropPlanners() { ask_.planners.clear(); }      ///< With what they hold: nothing is planned any more.
    void explain(Reason reason, const std::string& sentence);       ///< Why it is not done yet.
    void saw(const std::optional<std::string>& liveXml);
    /// Returns what callers were told until now: running or pending.
    Outcome settle(Outcome outcome, std::optional<Reason> reason, const std::string& sentence, const std::string& field);

    // Called from any thread.
    OperationState state() const;
    std::shared_ptr<const Intent> intent() const;       ///< Null until begun.
    bool settled() const;
    bool abandoned() const;                             ///< Its caller was told that nothing is touched.
    bool refused() const;                               ///< That is what every caller is told.
    void noteRemoval(const Alias& alias);               ///< libvirt said so; the next turn looks.
    void noteAway(Away away);                           ///< libvirt said where a VM that is gone went.
    void noteNews();                                    ///< Whatever it is: the next turn must not be long in coming.
    bool newsNoted() const;                             ///< Since the last turn began.
    void takeNews();
    std::set<Alias> takeRemovals();
    Away takeAway();
    void cancel();
    bool cancelled() const { return cancelled_; }
    /// As await(), for who is not its caller: that the deadline passed is nobody else's business.
    OperationState watch(Clock::time_point deadline);
    /// A restart of ours or libvirt's left it open, and no turn has seen its VM since.
    bool recovering() const { return recovering_; }
    void recover();                                     ///< libvirt is there again. Nothing when not begun.
    void recovered() { recovering_ = false; }
    void abandon();                                     ///< We stop: callers are answered with what is known.

    /// What its turns remember from one to the next; used by the VM's lane only.
    struct Memory {
        std::vector<Observed> seen;                     ///< One per plan of the intent.
        std::optional<Domain> domain;                   ///< As last read; empty: must be read.
        std::vector<Address> refusedAddresses;          ///< By libvirt, for double use (SPEC P1).
        std::set<Alias> removalsHeard;                  ///< Events to be confirmed by the next successful read.
        Away away = Away::No;                           ///< Explains why the VM is inactive or gone.
        std::optional<Next> unwritten;                  ///< An outcome that the journal has yet to take.
        bool notedPending = false;
    } memory;

private:
    OperationState unfinished();
    OperationState withPlans() const;
    Outcome finish(OperationState state, std::shared_ptr<const Intent> intent);

    const Uuid id_;
    Ask ask_;                                           // its planners are the lane's
    const std::shared_ptr<const ChangePermits> permits_;        // null: taken up, it has begun
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    OperationState state_;                              // its plans stand beside it
    std::shared_ptr<const Intent> intent_;
    std::shared_ptr<Operation> joined_;
    std::set<Alias> removals_;
    Away away_ = Away::No;
    bool news_ = false;
    std::atomic<bool> cancelled_ = false, recovering_ = false;
    bool begun_ = false, opening_ = false, settled_ = false, abandoned_ = false;
};

} // namespace hotplug
