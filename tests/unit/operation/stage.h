#pragma once

#include "mortal.h"
#include "operation/operations.h"
#include "story.h"
#include "support/memory_journal.h"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace hotplug::test {

/// Somebody who asked for a change, and what became of it for them.
struct Client {
    Move move;                                  ///< Plug or Unplug.
    std::string requestId;
    std::size_t life = 0;                       ///< Of ours that was asked.
    std::shared_ptr<Operation> operation;
    std::optional<OperationState> told;         ///< Empty: we died before.
    std::optional<Reason> turnedAway;           ///< At once.
};

/// Three VMs, libvirt, the journal, clients and ourselves, alive or dead: plays a story without threads in virtual time.
/// Wherever the product calls libvirt or writes its journal, the story may go on before the call comes back: with another
/// VM's turn, a client, a broken connection or our death.
class Stage : public Surroundings {
public:
    static constexpr unsigned vms = 3, devices = 3;

    explicit Stage(const Story& story);
    ~Stage() override;

    /// To the end of the story, and on until everything that hung goes on and nothing moves any more.
    void play();

    struct Where {
        bool exists = false, active = false, persistent = false;
        bool live = false, config = false, recorded = false;
    };
    Where look(unsigned vm, unsigned device) const;
    /// Others have done something to the device (or its VM) since this point of the journal.
    bool disturbedSince(unsigned vm, unsigned device, std::uint64_t cursor) const;
    bool isDeaf(unsigned vm, unsigned device) const;
    /// It lets go without anybody hearing of it.
    bool isSilent(unsigned vm, unsigned device) const { return silent_.contains({vm, device}); }

    static Uuid uuid(unsigned vm);
    static DeviceId device(unsigned number);

    mutable FakeHypervisor fake{FakeHypervisor::Delivery::Manual};
    MemoryJournal journal;
    std::vector<Client> clients;
    bool journalWasFull = false;
    Operations& operations() { return *lives_.back()->operations; }
    std::size_t lives() const { return lives_.size(); }

private:
    struct Process {
        explicit Process(Stage& stage);
        Life life;
        std::unique_ptr<Operations> operations;
    };
    using Spot = std::pair<unsigned, unsigned>;         // VM, device

    // What the product sees.
    void somethingHappens() override;
    void opening(bool begins) override { openings_ += begins ? 1 : -1; }
    void waitWhileHung(const Uuid& vm) override;
    FakeHypervisor& libvirt() override { return fake; }
    Journal& journalFile() override { return journal; }
    Clock::time_point now() const override { return now_; }
    void at(Clock::time_point when, std::function<void()> call) override { calls_.emplace(when, std::move(call)); }
    void start(std::function<void()> work) override { ready_.push_back(std::move(work)); }

    bool step();
    bool runOne();
    void runAll();
    void elapse(Clock::duration span);
    void settle();
    bool isQuiet();

    void perform(const Move& move);
    bool performOurs(const Move& move);
    void performTheirs(const Move& move);
    void performGuest(const Move& move);
    void submit(const Move& move, const std::string& requestId);
    void answer(std::size_t client);
    void repeat(const Move& move);
    void cancel(const Move& move);
    void fail(const Move& move);
    void die(const Move& move);
    void start(const Move& move);
    void disturb(unsigned vm, unsigned mask = (1u << devices) - 1);

    Story story_;
    std::deque<Move> moves_;
    Clock::time_point now_ = Clock::now();
    std::multimap<Clock::time_point, std::function<void()>> calls_;
    std::deque<std::function<void()>> ready_;           // lanes that have work, each a thread of its own
    unsigned depth_ = 0;                                // of turns that stand in a call while others go on
    std::set<Uuid> hung_;
    std::uint64_t disconnects_ = 0;
    int openings_ = 0;                                  // operations that the journal is just taking
    std::map<Spot, bool> deaf_;
    std::set<Spot> silent_;
    std::map<Spot, std::uint64_t> disturbed_;           // where the journal stood
    std::vector<std::unique_ptr<Process>> lives_;
};

} // namespace hotplug::test
