#pragma once

#include "base/clock.h"
#include "base/reason.h"
#include "base/uuid.h"

#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace hotplug {

/// At most so many changing libvirt calls at once (SPEC K6: libvirtd has 20 workers, and a call may hang in it as long as
/// QEMU does), and whose they are. Thread-safe.
class ChangePermits {
    struct State;

public:
    struct Holder {
        std::string verb;
        std::optional<Uuid> vm, operation;      ///< Empty: a VM that is being defined, a change that is no operation.
    };
    /// Given back when it is destroyed; may outlive the permits.
    using Permit = std::shared_ptr<void>;

    /// A healthy change is inside libvirt for a fraction of a second.
    static constexpr std::chrono::seconds usuallyHangsAfter{10};
    explicit ChangePermits(std::size_t most, Clock::duration hangsAfter = usuallyHangsAfter);

    /// Empty: none was free before `until`, or all are held by changes that hang, for which nobody has to wait.
    Permit take(const Holder& holder, Clock::time_point until);

    /// We stop: who waits gets none, nor does anybody else from now on.
    void stop();

    /// TooBusy, with what a change of this VM has to wait for: the one that has the VM's turn, else those that have all
    /// permits.
    Refusal whyBusy(const std::optional<Uuid>& vm) const;

private:
    const std::shared_ptr<State> state_;
};

} // namespace hotplug
