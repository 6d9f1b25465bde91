#include "operation/change_permits.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <vector>

namespace hotplug {

namespace {

struct Held {
    ChangePermits::Holder by;
    Clock::time_point since;
};

auto secondsOf(const Held& held)
{
    return std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - held.since).count();
}

std::string idOf(const ChangePermits::Holder& holder)
{
    const auto& id = holder.operation ? holder.operation : holder.vm;
    return id ? id->str() : std::string();
}

Refusal behind(const Held& ahead)
{
    return Refusal(Reason::TooBusy,
        fmt::format("{} has this VM's turn and has been inside libvirt for {} s; ask again when it is over, or destroy the "
            "VM if it hangs", ahead.by.verb, secondsOf(ahead))).against(idOf(ahead.by));
}

/// The names of those that have been there for longest.
std::string oldestVms(const std::list<Held>& all)
{
    constexpr std::size_t most = 3;
    std::vector<std::string> names;
    for (const auto& held : all)
        if (held.by.vm && names.size() < most)
            names.push_back(held.by.vm->str());
    return fmt::format("{}", fmt::join(names, ", "));
}

Refusal behindAll(const std::list<Held>& all)
{
    const auto& oldest = all.front();
    return Refusal(Reason::TooBusy,
        fmt::format("{} changes are inside libvirt, as many as may be, the oldest for {} s (VM {}); ask again, or destroy "
            "these VMs if they hang", all.size(), secondsOf(oldest), oldestVms(all))).against(idOf(oldest.by));
}

} // namespace

struct ChangePermits::State {
    State(std::size_t number, Clock::duration patience) : most(number), hangsAfter(patience) {}

    const std::size_t most;
    const Clock::duration hangsAfter;
    mutable std::mutex mutex;
    std::condition_variable returned;
    std::list<Held> held;                       ///< The oldest first.
    bool stopped = false;

    void giveBack(std::list<Held>::iterator permit)
    {
        const std::lock_guard lock(mutex);
        held.erase(permit);
        returned.notify_one();
    }
};

ChangePermits::ChangePermits(std::size_t most, Clock::duration hangsAfter)
    : state_(std::make_shared<State>(most, hangsAfter))
{
}

ChangePermits::Permit ChangePermits::take(const Holder& holder, Clock::time_point until)
{
    std::unique_lock lock(state_->mutex);
    while (!state_->stopped && state_->held.size() >= state_->most) {
        const auto lastHope = std::min(until, state_->held.back().since + state_->hangsAfter);
        if (Clock::now() >= lastHope)
            return nullptr;
        state_->returned.wait_until(lock, lastHope);
    }
    if (state_->stopped)
        return nullptr;
    const auto permit = state_->held.insert(state_->held.end(), {holder, Clock::now()});
    return {state_.get(), [state = state_, permit](void*) { state->giveBack(permit); }};
}

void ChangePermits::stop()
{
    const std::lock_guard lock(state_->mutex);
    state_->stopped = true;
    state_->returned.notify_all();
}

Refusal ChangePermits::whyBusy(const std::optional<Uuid>& vm) const
{
    const std::lock_guard lock(state_->mutex);
    const auto ahead = std::ranges::find_if(state_->held, [&vm](const Held& one) { return vm && one.by.vm == vm; });
    if (ahead != state_->held.end())
        return behind(*ahead);
    if (state_->held.size() >= state_->most)
        return behindAll(state_->held);
    return {Reason::TooBusy, "its turn did not come in time; ask again"};
}

} // namespace hotplug
