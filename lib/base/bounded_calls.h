#pragma once

#include "base/clock.h"
#include "base/spare_threads.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

namespace hotplug {

/// Calls that may hang for ever, each on a thread of its own which is left behind when it does: nothing but what it hangs
/// on can end it. What a call needs it must own, or its owner waits in stop(). Thread-safe.
class BoundedCalls {
public:
    /// How many calls may run at once, those left behind included; one more waits for room.
    struct Limits {
        std::size_t atOnePlace, inAll;
    };
    enum class End {
        InTime,
        Overdue,                                ///< It began, and goes on; nobody will hear how it ends.
        NotBegun,                               ///< No room in time; at once when all that it waits for is overdue.
    };

    /// `name` shows as the threads' name and in the log.
    BoundedCalls(std::string name, Limits limits);

    /// Names what hangs together, e.g. a mount; owns what it needs. Asked only when calls may get into each other's way.
    using Place = std::function<std::string()>;

    /// Waits for the work until the deadline. Throws the work's Refusal, and TooBusy when no thread can be had.
    End run(Place place, Clock::time_point until, std::function<void()> work);

    /// The same for work that has a result; empty: it is not here in time.
    template<typename Work>
    std::optional<std::invoke_result_t<Work>> take(Place place, milliseconds patience, Work work)
    {
        const auto answer = std::make_shared<std::optional<std::invoke_result_t<Work>>>();
        const auto end = run(std::move(place), Clock::now() + patience, [answer, work = std::move(work)] { *answer = work(); });
        return end == End::InTime ? *std::move(answer) : std::nullopt;
    }

    /// Takes no more, lets nobody wait any longer, and waits that long for the calls that run. False: some still do.
    bool stop(milliseconds patience);

private:
    struct Call;
    struct State;
    void start(std::function<void()> work, std::shared_ptr<Call> call);

    const std::shared_ptr<State> state_;        // shared with the threads left behind, which may outlive us
    SpareThreads threads_;
};

} // namespace hotplug
