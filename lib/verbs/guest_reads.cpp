#include "verbs/guest_reads.h"

#include "base/reason.h"

#include <algorithm>
#include <thread>

namespace hotplug::verbs {

namespace {

/// One VM's QEMU is asked by one thread; libvirtd serves 5 requests at a time on their connection.
constexpr BoundedCalls::Limits limits{1, 4};

GuestSeen lookOnce(Hypervisor& hypervisor, const Uuid& vm, const std::string& target)
{
    try {
        return hypervisor.readRequests(vm, target) > 0 ? GuestSeen::Yes : GuestSeen::No;
    } catch (const HypervisorError&) {
        return GuestSeen::Unknown;              // a disk without a medium, a VM that just stopped
    }
}

std::vector<GuestSeen> lookAtAll(Hypervisor& hypervisor, const Uuid& vm, const std::vector<std::string>& targets)
{
    std::vector<GuestSeen> seen;
    for (const auto& target : targets)
        seen.push_back(lookOnce(hypervisor, vm, target));
    return seen;
}

} // namespace

GuestReads::GuestReads(Hypervisor& hypervisor) : hypervisor_(hypervisor), calls_("guest-reads", limits) {}

GuestReads::~GuestReads()
{
    constexpr std::chrono::hours forever{24 * 365};
    stop(forever);
}

std::vector<GuestSeen> GuestReads::look(const Uuid& vm, const std::vector<std::string>& targets, milliseconds patience)
{
    std::vector<GuestSeen> unknown(targets.size(), GuestSeen::Unknown);
    if (targets.empty())
        return unknown;
    try {
        const auto asked = [&port = hypervisor_, vm, targets] { return lookAtAll(port, vm, targets); };
        return calls_.take([vm] { return "the QEMU of VM " + vm.str(); }, patience, asked).value_or(unknown);
    } catch (const Refusal&) {
        return unknown;                         // no thread to be had
    }
}

std::vector<GuestSeen> GuestReads::await(const Uuid& vm, const std::vector<std::string>& targets)
{
    constexpr milliseconds patience{500}, step{20};
    const auto until = Clock::now() + patience;
    for (;;) {
        const auto now = Clock::now();
        const auto left = std::chrono::duration_cast<milliseconds>(until - now);
        auto seen = look(vm, targets, left);
        if (std::ranges::find(seen, GuestSeen::No) == seen.end() || now + step >= until)
            return seen;
        // libvirt has no event for a guest's first read, so the statistics are read again.
        std::this_thread::sleep_until(now + step);
    }
}

} // namespace hotplug::verbs
