#pragma once

#include "operation/turn.h"
#include "support/fake_hypervisor.h"
#include "support/memory_journal.h"

#include <semaphore>

namespace hotplug::test {

/// One VM, one disk and a clock of its own: drives turns as the lanes do, without threads, in no real time.
class TurnWorld {
public:
    explicit TurnWorld(bool persistentVm);

    std::shared_ptr<Change> plug(bool persist = true, milliseconds timeout = milliseconds{30000});
    std::shared_ptr<Change> unplug(milliseconds timeout = milliseconds{30000}, std::optional<bool> persist = std::nullopt);
    /// What a restart of hotplugd makes of an operation that the journal has open.
    std::shared_ptr<Change> reborn(const Change& change);

    /// One turn. Afterwards `wakeAt` says when it wants to look again; empty: settled.
    void turn(Change& change);
    /// Turns, with the clock jumping to each wake-up, until it is settled or `span` of virtual time is over.
    void run(Change& change, Clock::duration span);

    bool live() const;
    bool inConfig() const;
    bool recorded() const;
    /// The device is everywhere that the plan says, or nowhere at all.
    bool whole(bool persist) const { return live() && recorded() && inConfig() == persist; }
    bool nowhere() const { return !live() && !recorded() && !inConfig(); }

    mutable FakeHypervisor fake{FakeHypervisor::Delivery::Manual};
    MemoryJournal journal;
    Uuid vm;
    Clock::time_point now = Clock::now();
    std::optional<Clock::time_point> wakeAt;

    static const DeviceId& device();
    static Alias alias() { return Alias::of(device()); }

private:
    Domain domain() const;
    std::shared_ptr<Change> ask(const char* verb, milliseconds timeout, std::function<Plan(const Domain&)> plan);

    std::counting_semaphore<> permits_{12};
    TurnTools tools_;
    Change* current_ = nullptr;
    std::unique_ptr<Hypervisor::Subscription> subscription_;
};

} // namespace hotplug::test
