#pragma once

#include "faults/crashing_steps.h"

#include "hypervisor/hypervisor.h"
#include "journal/journal.h"

#include <memory>

namespace hotplug::test {

/// Passes everything on to the real one, and dies where it is told to.
std::unique_ptr<Hypervisor> crashing(std::unique_ptr<Hypervisor> real, std::shared_ptr<CrashingSteps> steps);
std::unique_ptr<Journal> crashing(std::unique_ptr<Journal> real, std::shared_ptr<CrashingSteps> steps);

} // namespace hotplug::test
