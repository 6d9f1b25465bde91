#pragma once

#include "planning/planning.h"

namespace hotplug {

// What may stand only once in a VM, live and persistent documents together. Each throws Refusal, naming the holder.

/// The alias, so the device id; says whether the device is plugged or still on its way out.
void requireNewDevice(const Domain& domain, const DeviceId& id);
/// Any layer of any disk, by the path asked for (VMs are defined with links) or the resolved one (SPEC R2).
void requireNewSource(const Domain& domain, const std::string& asked, const HostSource& source);
/// Compared after the cut that each bus makes (SPEC C9).
void requireNewSerial(const Domain& domain, const std::string& serial, Bus bus);
void requireNewMac(const Domain& domain, const Mac& mac);
void requireNewBootOrder(const Domain& domain, const std::optional<unsigned>& order, bool persist);

/// What the guest sees of a serial (SPEC C9).
std::string cutSerial(const std::string& serial, Bus bus);

} // namespace hotplug
