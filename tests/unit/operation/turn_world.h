#pragma once

#include "operation/turn.h"
#include "support/fake_hypervisor.h"
#include "support/memory_journal.h"

namespace hotplug::test {

/// One VM, a disk or several and a clock of its own: drives turns as the lanes do, without threads, in no real time.
class TurnWorld {
public:
    explicit TurnWorld(bool persistentVm);

    std::shared_ptr<Change> plug(bool persist = true, milliseconds timeout = milliseconds{30000});
    std::shared_ptr<Change> unplug(milliseconds timeout = milliseconds{30000}, std::optional<bool> persist = std::nullopt);
    /// One operation for this many disks, the first of which is device().
    std::shared_ptr<Change> plugList(std::size_t count, milliseconds timeout = milliseconds{30000});
    std::shared_ptr<Change> unplugList(std::size_t count, milliseconds timeout = milliseconds{30000});
    /// What a restart of hotplugd makes of an operation that the journal has open.
    std::shared_ptr<Change> reborn(const Change& change);

    /// One turn. Afterwards `wakeAt` says when it wants to look again; empty: settled.
    void turn(Change& change);
    /// Turns, with the clock jumping to each wake-up, until it is settled or `span` of virtual time is over.
    void run(Change& change, Clock::duration span);

    bool live(std::size_t disk = 0) const;
    bool inConfig(std::size_t disk = 0) const;
    bool recorded(std::size_t disk = 0) const;
    /// The device is everywhere that the plan says, or nowhere at all.
    bool whole(bool persist, std::size_t disk = 0) const { return live(disk) && recorded(disk) && inConfig(disk) == persist; }
    bool nowhere(std::size_t disk = 0) const { return !live(disk) && !recorded(disk) && !inConfig(disk); }

    mutable FakeHypervisor fake{FakeHypervisor::Delivery::Manual};
    MemoryJournal journal;
    Uuid vm;
    Clock::time_point now = Clock::now();
    std::optional<Clock::time_point> wakeAt;

    static DeviceId device(std::size_t disk = 0);
    static Alias alias(std::size_t disk = 0) { return Alias::of(device(disk)); }

private:
    Domain domain() const;
    std::shared_ptr<Change> ask(const char* verb, milliseconds timeout, std::vector<Planner> planners);

    const std::shared_ptr<ChangePermits> permits_ = std::make_shared<ChangePermits>(12);
    TurnTools tools_;
    Change* current_ = nullptr;
    std::unique_ptr<Hypervisor::Subscription> subscription_;
};

} // namespace hotplug::test
