#pragma once

#include <utility>

namespace hotplug {

/// Runs an action when the scope is left, unless dismissed. The action must not throw.
template<typename Action> class ScopeGuard {
public:
    explicit ScopeGuard(Action action) : action_(std::move(action)) {}
    ~ScopeGuard()
    {
        if (armed_)
            action_();
    }
    ScopeGuard(const ScopeGuard&) = delete;
    ScopeGuard& operator=(const ScopeGuard&) = delete;

    void dismiss() { armed_ = false; }

private:
    Action action_;
    bool armed_ = true;
};

} // namespace hotplug
