#include "operation/operations.h"

#include "base/log.h"
#include "operation/change.h"
#include "operation/lanes.h"
#include "operation/timer.h"
#include "operation/turn.h"

#include <algorithm>
#include <unordered_map>

namespace hotplug {

using ChangePtr = std::shared_ptr<Change>;

/// Every unsettled change stands in `open_` with the ticket of its next wake-up: a ticket taken by an event leaves the
/// timer's call for the same wake-up void.
class Operations::Core : public std::enable_shared_from_this<Core> {
public:
    Core(Hypervisor& hypervisor, Journal& journal, Limits limits)
        : hypervisor_(hypervisor), limits_(limits),
          changePermits_(static_cast<std::ptrdiff_t>(limits.changesAtOnce)),
          tools_{hypervisor, journal, changePermits_, Clock::now,
              [this](const Uuid& vm) { return restingAddresses(vm); },
              [this](const Uuid& vm, Goal goal, const Alias& alias) { return find(vm, goal, alias); }}
    {
    }

    void subscribe()
    {
        subscription_ = hypervisor_.subscribe([this](const Event& event) { heard(event); });
    }

    ChangePtr submit(Ask ask)
    {
        auto change = std::make_shared<Change>(std::move(ask));
        if (!enqueue(change, limits_.queuedPerVm))
            throw Refusal(Reason::TooBusy, "too many changes of this VM are waiting; ask again in a moment");
        return change;
    }

    std::shared_ptr<void> takePermit(Clock::time_point until)
    {
        if (!changePermits_.try_acquire_until(until))
            throw Refusal(Reason::TooBusy, "libvirt is busy with as many changes as it may be; ask again in a moment");
        return {nullptr, [self = shared_from_this()](void*) { self->changePermits_.release(); }};
    }

    std::vector<OpenOperation> open(const Uuid& vm) const
    {
        std::vector<OpenOperation> found;
        const std::lock_guard lock(mutex_);
        if (const auto changes = open_.find(vm); changes != open_.end())
            for (const auto& [change, ticket] : changes->second)
                if (!change->settled())
                    appendDevices(*change, found);
        return found;
    }

    void recover()
    {
        for (const auto& entry : tools_.journal.unsettled()) {
            spdlog::info("operation {} {} {} was left open; settling it", entry.id.str(), entry.verb,
                entry.intent.plans.front().alias.str());
            const auto change = std::make_shared<Change>(entry);
            keep(change);
            wake(change, arm(change, Clock::now() + retryPause));
        }
    }

    bool stop(milliseconds patience)
    {
        const bool idle = lanes_.stop(patience);
        subscription_.reset();
        timer_.stop();
        const std::lock_guard lock(mutex_);
        for (const auto& [vm, changes] : open_)
            for (const auto& [change, ticket] : changes)
                change->abandon();
        return idle;
    }

private:
    static constexpr std::size_t unlimited = static_cast<std::size_t>(-1);
    static constexpr std::chrono::seconds retryPause{1}, restTime{3};

    struct Resting {
        Address address;
        Clock::time_point since;
    };
    using Ticket = std::uint64_t;               ///< 0: a turn is queued or runs.

    bool enqueue(const ChangePtr& change, std::size_t limit)
    {
        keep(change);
        if (queueTurn(change, limit))
            return true;
        forget(change);
        return false;
    }

    bool queueTurn(const ChangePtr& change, std::size_t limit)
    {
        return lanes_.enqueue(change->ask().vm, [self = shared_from_this(), change] { self->turn(change); }, limit);
    }

    void turn(const ChangePtr& change)
    {
        if (const auto lookAgain = takeTurn(*change, tools_))
            park(change, *lookAgain);
        else
            end(change);
    }

    void end(const ChangePtr& change)
    {
        if (const auto intent = change->intent(); intent && intent->goal() == Goal::Unplug)
            rest(*intent);
        forget(change);
    }

    /// Only PCI slots are ejected by the guest; a SCSI unit is free as soon as it is gone (SPEC P3: the lowest hole).
    void rest(const Intent& intent)
    {
        const std::lock_guard lock(mutex_);
        for (const auto& plan : intent.plans)
            if (plan.address && std::holds_alternative<PciAddress>(*plan.address))
                resting_.emplace(plan.vm, Resting{*plan.address, Clock::now()});
    }

    static void appendDevices(const Change& change, std::vector<OpenOperation>& found)
    {
        const auto intent = change.intent();
        for (std::size_t i = 0; intent && i < intent->plans.size(); ++i)
            found.push_back({change.id(), {intent, &intent->plans[i]}});
    }

    /// Of a list some devices may have left while it is still open.
    void appendLeaving(const Uuid& vm, std::vector<Address>& found) const
    {
        const auto changes = open_.find(vm);
        if (changes == open_.end())
            return;
        for (const auto& [change, ticket] : changes->second)
            if (const auto intent = change->intent(); intent && intent->goal() == Goal::Unplug && !change->settled())
                for (const auto& plan : intent->plans)
                    if (plan.address && std::holds_alternative<PciAddress>(*plan.address))
                        found.push_back(*plan.address);
    }

    /// A guest that has several unplugs to answer may eject a slot twice, the second time with the next device in it.
    std::vector<Address> restingAddresses(const Uuid& vm)
    {
        const std::lock_guard lock(mutex_);
        std::vector<Address> found;
        std::erase_if(resting_, [](const auto& entry) { return entry.second.since + restTime < Clock::now(); });
        for (auto [one, last] = resting_.equal_range(vm); one != last; ++one)
            found.push_back(one->second.address);
        appendLeaving(vm, found);
        return found;
    }

    void keep(const ChangePtr& change)
    {
        const std::lock_guard lock(mutex_);
        open_[change->ask().vm].try_emplace(change, Ticket{0});
    }

    void forget(const ChangePtr& change)
    {
        const std::lock_guard lock(mutex_);
        const auto changes = open_.find(change->ask().vm);
        if (changes == open_.end())
            return;
        changes->second.erase(change);
        if (changes->second.empty())
            open_.erase(changes);
    }

    void park(const ChangePtr& change, Clock::time_point until)
    {
        const auto ticket = arm(change, until);
        if (change->removalNoted())             // it came while the turn ran
            wake(change, ticket);
    }

    Ticket arm(const ChangePtr& change, Clock::time_point until)
    {
        Ticket ticket;
        {
            const std::lock_guard lock(mutex_);
            ticket = ++lastTicket_;
            open_[change->ask().vm][change] = ticket;
        }
        timer_.at(until, [self = weak_from_this(), change, ticket] {
            if (const auto core = self.lock())
                core->wake(change, ticket);
        });
        return ticket;
    }

    /// Queues the next turn unless somebody else did already.
    void wake(const ChangePtr& change, Ticket ticket)
    {
        {
            const std::lock_guard lock(mutex_);
            const auto changes = open_.find(change->ask().vm);
            if (changes == open_.end())
                return;
            const auto entry = changes->second.find(change);
            if (entry == changes->second.end() || entry->second != ticket)
                return;
            entry->second = 0;
        }
        if (!queueTurn(change, unlimited))
            arm(change, Clock::now() + retryPause);     // no thread to be had; or we stop, and so does the timer
    }

    /// Event thread: posts only.
    void heard(const Event& event)
    {
        if (event.kind == Event::Kind::Disconnected || event.kind == Event::Kind::DeviceAdded)
            return;
        for (const auto& [change, ticket] : concerned(event))
            wake(change, ticket);
    }

    std::vector<std::pair<ChangePtr, Ticket>> concerned(const Event& event)
    {
        std::vector<std::pair<ChangePtr, Ticket>> found;
        const std::lock_guard lock(mutex_);
        for (const auto& [vm, changes] : open_) {
            if (event.kind != Event::Kind::Connected && vm != event.vm)
                continue;
            for (const auto& [change, ticket] : changes)
                if (concerns(event, *change) && ticket != 0)
                    found.emplace_back(change, ticket);
        }
        return found;
    }

    static bool concerns(const Event& event, Change& change)
    {
        if (event.kind != Event::Kind::DeviceRemoved)
            return true;
        const auto intent = change.intent();
        if (!intent || !intent->find(event.alias))
            return false;
        change.noteRemoval(event.alias);
        return true;
    }

    ChangePtr find(const Uuid& vm, Goal goal, const Alias& alias) const
    {
        const std::lock_guard lock(mutex_);
        const auto changes = open_.find(vm);
        if (changes == open_.end() || alias.empty())
            return nullptr;
        for (const auto& [change, ticket] : changes->second)
            if (const auto intent = change->intent();
                intent && intent->goal() == goal && intent->find(alias) && !change->settled())
                return change;
        return nullptr;
    }

    Hypervisor& hypervisor_;
    const Limits limits_;
    std::counting_semaphore<> changePermits_;
    TurnTools tools_;
    mutable std::mutex mutex_;
    std::unordered_map<Uuid, std::unordered_map<ChangePtr, Ticket>> open_;
    Ticket lastTicket_ = 0;
    std::unordered_multimap<Uuid, Resting> resting_;
    Lanes lanes_;
    Timer timer_;
    std::unique_ptr<Hypervisor::Subscription> subscription_;
};

Operations::Operations(Hypervisor& hypervisor, Journal& journal) : Operations(hypervisor, journal, Limits{}) {}

Operations::Operations(Hypervisor& hypervisor, Journal& journal, Limits limits)
    : core_(std::make_shared<Core>(hypervisor, journal, limits))
{
    core_->subscribe();
}

Operations::~Operations()
{
    constexpr std::chrono::hours forever{24 * 365};
    core_->stop(forever);
}

std::shared_ptr<Operation> Operations::submit(Ask ask)
{
    return core_->submit(std::move(ask));
}

std::shared_ptr<void> Operations::takePermit(Clock::time_point until)
{
    return core_->takePermit(until);
}

std::vector<OpenOperation> Operations::open(const Uuid& vm) const
{
    return core_->open(vm);
}

void Operations::recover()
{
    core_->recover();
}

bool Operations::stop(milliseconds patience)
{
    return core_->stop(patience);
}

} // namespace hotplug
