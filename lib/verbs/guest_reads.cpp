#include "verbs/guest_reads.h"

#include "base/log.h"
#include "base/thread_pool.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

namespace hotplug::verbs {

namespace {

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

struct GuestReads::State {
    explicit State(Hypervisor& port) : hypervisor(port) {}

    Hypervisor& hypervisor;
    std::mutex mutex;
    std::condition_variable changed;
    std::set<Uuid> busy;                        ///< VMs that a thread asks about right now.
    bool stopping = false;

    static constexpr std::size_t maxThreads = 4;    ///< libvirtd serves 5 requests at a time on their connection.

    bool begin(const Uuid& vm)
    {
        const std::lock_guard lock(mutex);
        return !stopping && busy.size() < maxThreads && busy.insert(vm).second;
    }

    void end(const Uuid& vm)
    {
        const std::lock_guard lock(mutex);
        busy.erase(vm);
        changed.notify_all();
    }
};

GuestReads::GuestReads(Hypervisor& hypervisor) : state_(std::make_shared<State>(hypervisor)) {}

GuestReads::~GuestReads()
{
    constexpr std::chrono::hours forever{24 * 365};
    stop(forever);
}

std::vector<GuestSeen> GuestReads::look(const Uuid& vm, const std::vector<std::string>& targets, milliseconds patience)
{
    std::vector<GuestSeen> unknown(targets.size(), GuestSeen::Unknown);
    if (targets.empty() || !state_->begin(vm))
        return unknown;
    struct Answer {
        bool here = false;
        std::vector<GuestSeen> seen;
    };
    const auto answer = std::make_shared<Answer>();
    const auto ask = [state = state_, answer, vm, targets] {
        nameThisThread("guest-reads");
        guarded("guest-reads", [&] {
            auto seen = lookAtAll(state->hypervisor, vm, targets);
            const std::lock_guard lock(state->mutex);
            answer->seen = std::move(seen);
            answer->here = true;
        });
        state->end(vm);
    };
    try {
        std::thread(ask).detach();
    } catch (const std::system_error&) {
        state_->end(vm);                        // no thread to be had: unknown
        return unknown;
    }
    std::unique_lock lock(state_->mutex);
    state_->changed.wait_for(lock, patience, [&] { return answer->here; });
    return answer->here ? answer->seen : unknown;
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

bool GuestReads::stop(milliseconds patience)
{
    std::unique_lock lock(state_->mutex);
    state_->stopping = true;
    return state_->changed.wait_for(lock, patience, [this] { return state_->busy.empty(); });
}

} // namespace hotplug::verbs
