#pragma once

#include <string>

namespace hotplug::test {

/// Two Ethernet links, up, each the other's cable: macvtap sits on `lower`, and packets are exchanged with it over
/// `peer`. Nothing of the host can be reached over them.
class VethPair {
public:
    VethPair();
    ~VethPair();
    VethPair(const VethPair&) = delete;
    VethPair& operator=(const VethPair&) = delete;

    const std::string& lower() const { return lower_; }
    const std::string& peer() const { return peer_; }

private:
    std::string lower_, peer_;
};

} // namespace hotplug::test
