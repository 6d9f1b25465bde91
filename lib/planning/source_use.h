#pragma once

#include "planning/planning.h"

namespace hotplug {

/// The key of the dictionary that names the storage, as a refusal's field: `/path`, `/volumeID`, `/GUID` …
const char* fieldOf(const SourceRef& source);

/// SPEC R2: no name of the source is that of any layer of any disk of the VM. And what it stands on, none of the VM's
/// disks writes to. The conflict is the disk, by its alias.
void requireNewSource(const Domain& domain, const DiskRequest& disk, const HostSource& source);

/// SPEC R6, SOURCE_IN_USE: no other VM writes to a layer of the source, nor reads one that this disk writes to, unless
/// both disks are shareable. The conflict is the VM, by its UUID.
void requireUnusedElsewhere(const DiskRequest& disk, const DiskFacts& facts);

} // namespace hotplug
