#pragma once

#include "base/reason.h"

#include <string>

namespace hotplug {

/// What a NIC's dictionary names on this host. Thread-safe; reads /sys only.
class Network {
public:
    virtual ~Network() = default;

    /// Throws Refusal{NetworkNotFound} when the host has no Linux bridge of this name, {InvalidParameter} when the
    /// name cannot be one (empty, over 15 characters, with a slash or white space).
    virtual void requireBridge(const std::string& name) const;
};

} // namespace hotplug
