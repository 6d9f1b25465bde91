#pragma once

#include "hypervisor/hypervisor.h"

#include <string_view>

namespace hotplug {

/// Turns libvirt's error code (virErrorNumber) and text into what it means (FACTS: most are INTERNAL_ERROR, so the
/// text decides). Pure.
ErrorKind classify(int code, std::string_view text);

} // namespace hotplug
