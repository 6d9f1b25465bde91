#pragma once

#include <pugixml.hpp>

namespace hotplug::test {

/// Native PCIe hot plug (TestVm::Options::edit): the guest blinks its power indicator for a moment after a plug and for
/// 5 s before it lets go, as if somebody had pressed a button.
inline void useNativeHotplug(pugi::xml_node& domain)
{
    auto line = domain.child("qemu:commandline");
    line.append_child("qemu:arg").append_attribute("value") = "-global";
    line.append_child("qemu:arg").append_attribute("value") = "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off";
}

/// Nothing to boot: the firmware looks for a system for ever.
inline void removeSystem(pugi::xml_node& domain)
{
    for (const auto* part : {"kernel", "initrd", "cmdline"})
        domain.child("os").remove_child(part);
}

} // namespace hotplug::test
