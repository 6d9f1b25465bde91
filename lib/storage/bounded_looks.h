#pragma once

#include "base/clock.h"
#include "base/spare_threads.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

namespace hotplug {

/// Looks at storage that may hang for ever, each on a thread of its own which is left behind when it does: nothing but
/// the storage can end it. What a look needs it must own. Thread-safe.
class BoundedLooks {
public:
    /// How many threads left behind stop further looks until one comes back.
    struct Limits {
        std::size_t atOnePlace, inAll;
    };

    explicit BoundedLooks(Limits limits);

    /// Names what hangs together, e.g. a mount. Asked only when something hangs.
    using Place = std::function<std::string()>;

    /// Empty: no answer within `patience`, or too many threads hang already. Throws the look's Refusal, and TooBusy
    /// when no thread can be had.
    template<typename Look>
    std::optional<std::invoke_result_t<Look>> take(const Place& place, milliseconds patience, Look look)
    {
        const auto answer = std::make_shared<std::optional<std::invoke_result_t<Look>>>();
        if (!run(place, patience, [answer, look = std::move(look)] { *answer = look(); }))
            return std::nullopt;
        return *std::move(*answer);
    }

private:
    struct Stuck;
    struct Look;

    /// Whether the work was done in time.
    bool run(const Place& place, milliseconds patience, std::function<void()> work);
    void start(std::function<void()> work, std::shared_ptr<Look> look);

    const Limits limits_;
    const std::shared_ptr<Stuck> stuck_;        // shared with the threads left behind, which may outlive us
    SpareThreads threads_{"storage"};
};

} // namespace hotplug
