#include "verbs/guest_seen.h"

#include <thread>

namespace hotplug::verbs {

GuestSeen guestSeen(Context& context, const Uuid& vm, const std::string& target)
{
    try {
        return context.hypervisor.readRequests(vm, target) > 0 ? GuestSeen::Yes : GuestSeen::No;
    } catch (const HypervisorError&) {
        return GuestSeen::Unknown;              // a disk without a medium, a VM that just stopped
    }
}

GuestSeen awaitGuest(Context& context, const Uuid& vm, const std::string& target)
{
    constexpr milliseconds patience{500}, step{20};
    const auto until = Clock::now() + patience;
    auto seen = guestSeen(context, vm, target);
    // libvirt has no event for a guest's first read, so the statistics are read again.
    for (auto now = Clock::now(); seen == GuestSeen::No && now < until; now = Clock::now()) {
        std::this_thread::sleep_until(now + step);
        seen = guestSeen(context, vm, target);
    }
    return seen;
}

} // namespace hotplug::verbs
