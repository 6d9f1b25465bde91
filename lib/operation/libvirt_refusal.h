#pragma once

#include "base/reason.h"
#include "hypervisor/hypervisor.h"

namespace hotplug {

/// What libvirt's error means to the caller of a verb.
Reason reasonFor(ErrorKind kind);

/// The same in one plain line that says what to do (SPEC R5); libvirt's own text where we know no better.
std::string sentenceFor(ErrorKind kind, const std::string& text);

Refusal asRefusal(const HypervisorError& error);

} // namespace hotplug
