#pragma once

#include "base/reason.h"
#include "libvirtxml/domain.h"
#include "model/outcome.h"

#include <optional>

/// May it, and where? Pure: values in, a Plan out, or a Refusal thrown whose field is relative to the caller's
/// dictionary (`/address`). Reads nothing but its arguments; any thread.
namespace hotplug {

/// SPEC A2: the VM runs, unpaused, and its records can be read. Asked first, before storage or network are looked at.
void requireChangeable(const Domain& domain);

/// SPEC A1–A5, C1, C9, P1–P5. `persist` as the caller gave it: by default a persistent VM's definition changes too.
Plan planPlugDisk(const Domain& domain, const DiskRequest& disk, const HostSource& source, std::optional<bool> persist);

/// SPEC B9, P1, P2, P5.
Plan planPlugNic(const Domain& domain, const NicRequest& nic, std::optional<bool> persist);

/// SPEC R2, A2: exactly one live device must agree with everything that the caller named.
Plan planUnplug(const Domain& domain, const DeviceQuery& query, std::optional<bool> persist);

/// Allocated when the caller gave none; what it gave is checked (SPEC A5).
PciAddress choosePciAddress(const Domain& domain, const std::optional<Address>& wanted, bool persist);
DriveAddress chooseScsiAddress(const Domain& domain, const std::optional<Address>& wanted, bool persist);

/// The preferred target name when it is free, else the first free one of the bus (SPEC A3).
std::string chooseTarget(const Domain& domain, Bus bus, const std::optional<unsigned>& index);

} // namespace hotplug
