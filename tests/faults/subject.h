#pragma once

#include "support/test_vm.h"

#include <set>
#include <string>
#include <vector>

namespace hotplug::test {

/// A device that comes and goes while hotplugds die.
struct Part {
    enum class Kind { Disk, Nic };

    Kind kind = Kind::Disk;
    std::string id;                                 ///< Its deviceId.
    std::string backend;                            ///< Disk: its image. NIC: the bridge.
    Console::Values inGuest;                        ///< By which the guest knows it.
};

/// What one operation plugs or unplugs: a device, or a list of them.
struct Subject {
    std::string name;                               ///< In tables.
    std::string plugVerb, unplugVerb;
    Json::Value params;                             ///< For both verbs.
    std::vector<Part> parts;
};

Subject diskSubject(const TestHost& host, const std::string& id);
Subject nicSubject(const std::string& bridge, const std::string& id, const std::string& mac);
/// Two disks. The second's image is `heldImage`, of which others may hold the lock.
Subject listSubject(const TestHost& host, const std::string& id, const std::string& heldImage);

/// Where a subject can be seen: by the guest, in libvirt's documents, in our records, in QEMU, on the host, in what
/// hotplugd answers. `the guest: crash-disk`.
using Views = std::set<std::string>;

Views seenIn(TestVm& vm, const Subject& subject);
/// Gives QEMU what a libvirt that died at the end of an attach leaves there: the device and what is behind it, on the
/// last of the guest's ports.
void leaveInQemu(Qmp& qemu, const Part& part);
/// All that a plugged subject is seen in.
Views allOf(const Subject& subject);

/// `nowhere`, `everywhere`, or where it is and where it is not.
std::string textOf(const Views& seen, const Views& all);

} // namespace hotplug::test
