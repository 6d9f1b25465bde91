#pragma once

#include "stage.h"

#include <string>

namespace hotplug::test {

/// What is wrong at the end of a story; empty: libvirt, QEMU, the journal, we and all clients agree, and what is pending
/// is so because the guest does not answer.
std::string problemsOf(Stage& stage);

} // namespace hotplug::test
