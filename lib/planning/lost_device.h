#pragma once

#include "planning/planning.h"

namespace hotplug {

// SPEC K8: the guest or somebody else has taken a device out of the running VM, and what is left of it is asked for.

/// The disk, or the NIC, that the definition and its record still have and the running VM has not; null: none.
const DomainDisk* findLostDisk(const Domain& domain, const DeviceId& id);
const DomainNic* findLostNic(const Domain& domain, const DeviceId& id);

/// The VM without what its definition says of the device, which is no obstacle to itself.
Domain withoutDefined(Domain domain, const Alias& alias);

/// Makes a plug give a lost device back to the running VM alone: the definition has it, and keeps it if the plug fails.
void spareDefinition(Plan& plan);

/// The one recorded device that agrees with what the caller named and that neither document has: all there is to unplug
/// is its record. Null: none, or several.
const DeviceRecord* findLostRecord(const Domain& domain, const DeviceQuery& query,
    const std::vector<std::string>& sourceNames);

} // namespace hotplug
