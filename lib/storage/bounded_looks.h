#pragma once

#include "base/clock.h"
#include "model/device.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace hotplug {

/// Looks at storage that may hang for ever, each on a thread of its own which is left behind when it does: nothing but
/// the storage can end it. What a look needs it must own. Thread-safe.
class BoundedLooks {
public:
    /// `maxStuck`: how many threads left behind, per place, stop further looks there until one comes back.
    explicit BoundedLooks(std::size_t maxStuck);

    /// Empty: no answer within `patience`, or too many threads hang at this place already. Throws the look's Refusal,
    /// and TooBusy when no thread can be had. `place` names what hangs together, e.g. a root.
    std::optional<HostSource> take(const std::string& place, milliseconds patience, std::function<HostSource()> look);

private:
    struct Stuck;

    const std::size_t maxStuck_;
    const std::shared_ptr<Stuck> stuck_;        // shared with the threads left behind, which may outlive us
};

} // namespace hotplug
