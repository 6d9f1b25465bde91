#include "storage/bounded_looks.h"

#include "base/log.h"
#include "base/reason.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>

namespace hotplug {

/// What the callers share with the threads.
struct BoundedLooks::Stuck {
    std::mutex mutex;
    std::map<std::string, std::size_t> threads;     ///< By place; those at zero are not listed.

    bool full(const Place& place, const Limits& limits)
    {
        const std::lock_guard lock(mutex);
        if (threads.empty())
            return false;
        std::size_t all = 0;
        for (const auto& [_, count] : threads)
            all += count;
        const auto here = threads.find(place());
        return all >= limits.inAll || (here != threads.end() && here->second >= limits.atOnePlace);
    }
};

/// One look, owned by its caller and its thread. Under the mutex of Stuck.
struct BoundedLooks::Look {
    std::condition_variable answered;
    bool done = false;
    std::optional<std::string> abandonedAt;
    std::optional<Refusal> refusal;             // a value: an exception object would be shared between the threads
};

namespace {

std::optional<Refusal> refusalOf(const std::function<void()>& work)
{
    try {
        work();
        return std::nullopt;
    } catch (const Refusal& refusal) {
        return refusal;
    } catch (...) {
        logInternalError("a look at storage", currentExceptionText());
        return Refusal(Reason::Internal, "looking at the storage failed; see hotplugd's log");
    }
}

} // namespace

BoundedLooks::BoundedLooks(Limits limits) : limits_(limits), stuck_(std::make_shared<Stuck>()) {}

void BoundedLooks::start(std::function<void()> work, std::shared_ptr<Look> look)
{
    const auto takeLook = [work = std::move(work), look = std::move(look), stuck = stuck_] {
        auto refusal = refusalOf(work);
        const std::lock_guard lock(stuck->mutex);
        look->refusal = std::move(refusal);
        look->done = true;
        look->answered.notify_one();
        if (look->abandonedAt && --stuck->threads[*look->abandonedAt] == 0)
            stuck->threads.erase(*look->abandonedAt);
    };
    try {
        threads_.start(takeLook);
    } catch (const std::system_error& error) {
        throw Refusal(Reason::TooBusy, std::string("no thread to look at storage with: ") + error.what());
    }
}

bool BoundedLooks::run(const Place& place, milliseconds patience, std::function<void()> work)
{
    if (stuck_->full(place, limits_))
        return false;
    const auto look = std::make_shared<Look>();
    start(std::move(work), look);
    std::unique_lock lock(stuck_->mutex);
    if (look->answered.wait_for(lock, patience, [&look] { return look->done; })) {
        if (look->refusal)
            throw *std::move(look->refusal);
        return true;
    }
    look->abandonedAt = place();
    const auto hanging = ++stuck_->threads[*look->abandonedAt];
    lock.unlock();
    spdlog::warn("storage at {} does not answer, looks that hang there: {}", *look->abandonedAt, hanging);
    return false;
}

} // namespace hotplug
