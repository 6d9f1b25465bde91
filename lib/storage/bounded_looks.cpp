#include "storage/bounded_looks.h"

#include "base/log.h"
#include "base/reason.h"
#include "base/thread_pool.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <variant>

namespace hotplug {

/// What the callers share with the threads.
struct BoundedLooks::Stuck {
    std::mutex mutex;
    std::map<std::string, std::size_t> threads;     ///< By place; those at zero are not listed.

    std::size_t at(const std::string& place)
    {
        const std::lock_guard lock(mutex);
        const auto found = threads.find(place);
        return found == threads.end() ? 0 : found->second;
    }
};

namespace {

/// Answers cross threads as values: an exception object would be shared between them.
using Answer = std::variant<HostSource, Refusal>;

/// One look, owned by its caller and its thread. Under the mutex of Stuck.
struct Look {
    std::condition_variable answered;
    std::optional<Answer> answer;
    bool abandoned = false;
};

Answer answerOf(const std::function<HostSource()>& look)
{
    try {
        return look();
    } catch (const Refusal& refusal) {
        return refusal;
    } catch (...) {
        logInternalError("a look at storage", currentExceptionText());
        return Refusal(Reason::Internal, "looking at the storage failed; see hotplugd's log");
    }
}

HostSource valueOf(Answer answer)
{
    if (auto* refusal = std::get_if<Refusal>(&answer))
        throw std::move(*refusal);
    return std::get<HostSource>(std::move(answer));
}

void startThread(std::function<void()> work)
{
    try {
        std::thread(std::move(work)).detach();
    } catch (const std::system_error& error) {
        throw Refusal(Reason::TooBusy, std::string("no thread to look at storage with: ") + error.what());
    }
}

} // namespace

BoundedLooks::BoundedLooks(std::size_t maxStuck) : maxStuck_(maxStuck), stuck_(std::make_shared<Stuck>()) {}

std::optional<HostSource> BoundedLooks::take(
    const std::string& place, milliseconds patience, std::function<HostSource()> look)
{
    if (stuck_->at(place) >= maxStuck_)
        return std::nullopt;
    const auto one = std::make_shared<Look>();
    startThread([one, place, look = std::move(look), stuck = stuck_] {
        nameThisThread("storage");
        auto answer = answerOf(look);
        const std::lock_guard lock(stuck->mutex);
        one->answer = std::move(answer);
        one->answered.notify_one();
        if (one->abandoned && --stuck->threads[place] == 0)
            stuck->threads.erase(place);
    });
    std::unique_lock lock(stuck_->mutex);
    if (one->answered.wait_for(lock, patience, [&one] { return one->answer.has_value(); }))
        return valueOf(*std::move(one->answer));
    one->abandoned = true;
    const auto hanging = ++stuck_->threads[place];
    lock.unlock();
    spdlog::warn("storage at {} does not answer, looks that hang there: {}",
        place.empty() ? "other places" : place, hanging);
    return std::nullopt;
}

} // namespace hotplug
