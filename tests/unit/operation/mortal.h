#pragma once

#include "hypervisor/hypervisor.h"
#include "journal/journal.h"
#include "operation/machinery.h"
#include "support/fake_hypervisor.h"

#include <functional>
#include <memory>

namespace hotplug::test {

/// What surrounds one process of ours.
class Surroundings {
public:
    virtual ~Surroundings() = default;
    /// A call of libvirt or the journal begins or has ended: anything may happen now, our own death too.
    virtual void somethingHappens() = 0;
    /// The journal begins to take, or has taken, an operation, whose callers wait for its word.
    virtual void opening(bool begins) = 0;
    /// A change of this VM waits for QEMU: returns when it goes on. Throws HypervisorError when libvirt went away.
    virtual void waitWhileHung(const Uuid& vm) = 0;
    virtual FakeHypervisor& libvirt() = 0;
    virtual Journal& journalFile() = 0;
    virtual Clock::time_point now() const = 0;
    virtual void at(Clock::time_point when, std::function<void()> call) = 0;
    virtual void start(std::function<void()> work) = 0;
};

/// One process of ours, which SIGKILL may end between and in the middle of its calls: from then on it reaches neither
/// libvirt nor the journal, hears nothing and has no clock. Its threads run into errors and come to an end.
class Life {
public:
    explicit Life(Surroundings& around);

    /// `inAttach`: what becomes of an attach if one is under way.
    void end(Effect inAttach);
    bool over() const { return state_->over; }

    Hypervisor& hypervisor() { return *hypervisor_; }
    Journal& journal() { return *journal_; }
    std::unique_ptr<Machinery> machinery();

    struct State {
        Surroundings& around;
        bool over = false;
        Effect inAttach = Effect::None;
    };

private:
    std::shared_ptr<State> state_;
    std::unique_ptr<Hypervisor> hypervisor_;
    std::unique_ptr<Journal> journal_;
};

} // namespace hotplug::test
