#pragma once

#include "base/reason.h"
#include "model/device.h"

#include <filesystem>

namespace hotplug {

struct NetworkPolicy {
    std::filesystem::path sysfs = "/sys";
    /// libvirt crashes when it takes a macvtap away in a process without libvirtd's netlink service, as embed is one.
    bool macvtap = true;
};

/// What a NIC's dictionary names on this host. Thread-safe; reads sysfs only.
class Network {
public:
    explicit Network(NetworkPolicy policy = {}) : policy_(std::move(policy)) {}
    virtual ~Network() = default;

    /// Throws Refusal, its field as in the dictionary:
    /// - InvalidParameter: a name that no link of Linux can have (empty, over 15 characters, with a slash or white space)
    /// - NetworkNotFound: no such bridge, link or virtual function
    /// - NotSupported: there is one, but it cannot carry this kind of NIC, or this libvirt cannot
    virtual void require(const NicRequest& nic) const;

private:
    void requireMacvtap() const;
    void requireBridge(const std::string& name) const;
    void requireLink(const std::string& name) const;
    void requireVirtualFunction(const PciAddress& address) const;
    void requirePortProfiles(const std::string& link) const;

    const NetworkPolicy policy_;
};

} // namespace hotplug
