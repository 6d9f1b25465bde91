#pragma once

#include "base/reason.h"
#include "libvirtxml/domain.h"
#include "model/outcome.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

/// May it, and where? Pure: values in, a Plan out, or a Refusal thrown whose field is relative to the caller's
/// dictionary (`/address`). Reads nothing but its arguments; any thread.
namespace hotplug {

/// SPEC A2: the VM runs, unpaused, and its records can be read. Asked first, before storage or network are looked at.
void requireChangeable(const Domain& domain);

/// SPEC A1–A5, C1, C9, P1–P5. `persist` as the caller gave it: by default a persistent VM's definition changes too.
Plan planPlugDisk(const Domain& domain, const DiskRequest& disk, const DiskFacts& facts, std::optional<bool> persist);

/// SPEC B9, P1, P2, P5.
Plan planPlugNic(const Domain& domain, const NicRequest& nic, std::optional<bool> persist);

/// SPEC R2, A2: exactly one live device must agree with everything that the caller named. `sourceNames`: every name of
/// query.source, the caller's first; empty when it gave none.
Plan planUnplug(const Domain& domain, const DeviceQuery& query, const std::vector<std::string>& sourceNames,
    std::optional<bool> persist);

/// Whether an earlier unplug takes or took out what is asked for now (SPEC K3), and from the definition too if that is
/// wanted. `persist` as the caller gave it.
bool isRepeated(const DeviceQuery& query, const std::vector<std::string>& sourceNames, std::optional<bool> persist,
    const Plan& unplugged);

/// Plans one device of a list for the VM as the entries before it leave it.
using Planner = std::function<Plan(const Domain&)>;

/// A list is planned whole before the first act (SPEC R2, DESIGN invariant 5). Fields of a refusal begin with the
/// entry: `/1/path`. A device that two entries name is refused.
std::vector<Plan> planAll(const std::vector<Planner>& planners, const Domain& domain);

/// What a device prefers on q35: a root port each, or a slot of a pcie-to-pci-bridge where there is one (SPEC P1).
enum class PciKind { Express, Conventional };

/// Allocated when the caller gave none; what it gave is checked (SPEC A5, P1–P3). A refusal for want of room carries
/// what still fits.
PciAddress choosePciAddress(const Domain& domain, const std::optional<Address>& wanted, bool persist,
    PciKind kind = PciKind::Express);
DriveAddress chooseScsiAddress(const Domain& domain, const std::optional<Address>& wanted, bool persist);

/// For SATA and IDE disks of a definition (SPEC P4): nothing is hot plugged there.
DriveAddress chooseDriveUnit(const Domain& domain, Bus bus, const std::optional<Address>& wanted);

/// The preferred target name when it is free, else the first free one of the bus (SPEC A3).
std::string chooseTarget(const Domain& domain, Bus bus, const std::optional<unsigned>& index);

} // namespace hotplug
