#include "operation/resting_addresses.h"

namespace hotplug {

/// Only PCI slots are ejected by the guest; a SCSI unit is free as soon as it is gone (SPEC P3: the lowest hole).
void RestingAddresses::add(const Intent& unplugged, Clock::time_point now)
{
    const std::lock_guard lock(mutex_);
    for (const auto& plan : unplugged.plans)
        if (plan.address && std::holds_alternative<PciAddress>(*plan.address))
            resting_.emplace(plan.vm, Resting{*plan.address, now});
}

std::vector<Address> RestingAddresses::of(const Uuid& vm, Clock::time_point now)
{
    constexpr std::chrono::seconds restTime{3};
    const std::lock_guard lock(mutex_);
    const auto rested = now - restTime;
    std::erase_if(resting_, [rested](const auto& entry) { return entry.second.since < rested; });
    std::vector<Address> found;
    for (auto [one, last] = resting_.equal_range(vm); one != last; ++one)
        found.push_back(one->second.address);
    return found;
}

} // namespace hotplug
