#pragma once

#include "support/hotplugd.h"
#include "support/libvirtd.h"
#include "support/process.h"
#include "support/test_vm.h"

#include <optional>

namespace hotplug::test {

/// Two hosts, each with a libvirtd and a hotplugd, between which VMs migrate. The images of the first are shared storage:
/// the second may use them, too.
struct LibvirtdPair {
    LibvirtdPair();

    TestHost here, there;
    Libvirtd libvirtdHere, libvirtdThere;
    Hotplugd daemonHere, daemonThere;
};

/// A live migration, as virsh does it. The guest's consoles are files of the host that it runs on.
class Migration {
public:
    struct Options {
        bool undefine = true;                       ///< The host that it leaves forgets the VM.
        bool persist = true;                        ///< The host that it comes to keeps it.
        unsigned bandwidth = 0;                     ///< MiB/s; 0: as fast as it goes.
    };

    Migration(const TestVm& vm, const TestHost& from, const TestHost& to, const Options& options);
    Migration(const TestVm& vm, const TestHost& from, const TestHost& to) : Migration(vm, from, to, Options{}) {}

    /// Returns when libvirt says that it runs.
    void begun();
    void hurry();                                   ///< No more limit to the bandwidth.
    void abort();
    /// Waits for the end; throws when it is not a good one.
    void finish();
    bool failed();                                  ///< Waits for the end, whatever it is.

private:
    std::string virsh(std::vector<std::string> words) const;

    std::string name_, from_, words_;
    Process process_;
};

} // namespace hotplug::test
