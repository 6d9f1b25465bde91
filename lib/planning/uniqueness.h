#pragma once

#include "planning/planning.h"

namespace hotplug {

// What may stand only once in a VM, live and persistent documents together. Each throws Refusal, naming the holder.

/// The alias, so the device id; says whether the device is plugged or still on its way out.
void requireNewDevice(const Domain& domain, const DeviceId& id);
/// Compared after the cut that each bus makes (SPEC C9). Empty: none, which any number of disks may have.
void requireNewSerial(const Domain& domain, const std::string& serial, Bus bus);
void requireNewMac(const Domain& domain, const Mac& mac);
void requireNewFunction(const Domain& domain, const std::optional<PciAddress>& function);
void requireNewBootOrder(const Domain& domain, const std::optional<unsigned>& order, bool persist);

/// The most telling name of a device: its alias, for one without the other name given.
const std::string& holderName(const Alias& alias, const std::string& otherwise);

/// What the guest sees of a serial (SPEC C9).
std::string cutSerial(const std::string& serial, Bus bus);

} // namespace hotplug
