#pragma once

#include "faults/subject.h"
#include "support/bridge.h"
#include "support/libvirtd.h"
#include "support/test_vm.h"

#include <atomic>
#include <deque>

namespace hotplug::test {

/// A device that clients plug and unplug: how they ask for it, and how the guest and QEMU know it.
struct StormDevice {
    Part part;
    Json::Value dictionary;

    bool isNic() const { return part.kind == Part::Kind::Nic; }
};

/// One of the VMs of a storm.
struct StormVm {
    StormVm(Hotplugd& daemon, bool steady);

    const Bridge bridge;
    TestVm vm;
    /// Nobody boots it, or changes its devices behind hotplugd's back. Only steady ones want images that others want, too:
    /// an image that another VM has got meanwhile would keep a VM from starting.
    const bool steady;
    const std::vector<StormDevice> devices;
};

/// A host with eight guests, and a hotplugd beside a libvirtd of its own, so that each can die alone.
class StormGround {
public:
    explicit StormGround(unsigned steadyVms);
    ~StormGround();
    StormGround(const StormGround&) = delete;
    StormGround& operator=(const StormGround&) = delete;

    /// SIGKILL, and another hotplugd takes over.
    void replaceDaemon();
    /// Even while a hotplugd lives, odd while one dies; rises. Any thread.
    unsigned life() const { return life_; }

    // By hotplugd, while clients ask it for other things. As often as it takes: libvirt may be away, and see
    // StormDisturber::reviveEnded(). Both throw when it takes too long.
    void destroy(StormVm& vm) const;
    void start(StormVm& vm) const;                  ///< Without waiting for the guest.

    TestHost host;
    Libvirtd libvirtd{host};
    Hotplugd daemon{host};
    std::deque<StormVm> vms;

private:
    Json::Value ask(const std::string& verb, const StormVm& vm) const;
    void mustReach(const char* verb, StormVm& vm, bool running) const;

    std::atomic<unsigned> life_ = 0;
};

} // namespace hotplug::test
