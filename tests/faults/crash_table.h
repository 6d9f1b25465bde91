#pragma once

#include "base/clock.h"

#include <string>

namespace hotplug::test {

/// Adds one crash to the table of this run: where hotplugd died, with which device under way, and what became of it.
void noteCrash(const std::string& point, const std::string& device, const std::string& outcome, milliseconds until);

/// That libvirt has ended the VM over one of them.
void noteVmEnded(const std::string& point, const std::string& device);

/// The table of all crashes; empty: there was none.
std::string crashTable();

} // namespace hotplug::test
