#include "network/network.h"

#include <algorithm>
#include <fmt/format.h>

namespace hotplug {

namespace {

namespace fs = std::filesystem;

bool canNameALink(const std::string& name)
{
    constexpr std::size_t kernelLimit = 15;     // IFNAMSIZ less its terminator
    const auto allowed = [](char c) { return c > ' ' && c != '/' && c != ':' && c != '\x7f'; };
    return !name.empty() && name.size() <= kernelLimit && name != "." && name != ".."
        && std::ranges::all_of(name, allowed);
}

void requireLinkName(const std::string& name)
{
    if (!canNameALink(name))
        throw Refusal(Reason::InvalidParameter,
            "the name of a bridge or link has 1 to 15 characters without white space, slash or colon").at("/network");
}

bool isThere(const fs::path& path)
{
    std::error_code ignored;
    return fs::exists(path, ignored);
}

/// A port profile of VM-FEX is set in the adapter; Linux has one driver that can.
bool knowsPortProfiles(const fs::path& link)
{
    std::error_code ignored;
    return fs::read_symlink(link / "device/driver", ignored).filename() == "enic";
}

} // namespace

void Network::require(const NicRequest& nic) const
{
    switch (nic.kind) {
    case NicKind::Bridge:
        return requireBridge(nic.network);
    case NicKind::Bridgeless:
        requireLink(nic.network);
        return requireMacvtap();
    case NicKind::Sriov:
        return requireVirtualFunction(nic.virtualFunction.value());
    case NicKind::Vnlink:
        requireLink(nic.network);
        requirePortProfiles(nic.network);
        return requireMacvtap();
    }
}

void Network::requireMacvtap() const
{
    if (!policy_.macvtap)
        throw Refusal(Reason::NotSupported,
            "an embedded libvirt cannot unplug macvtap NICs; use device bridge, or connect to a libvirtd").at("/device");
}

void Network::requireBridge(const std::string& name) const
{
    requireLinkName(name);
    if (!isThere(policy_.sysfs / "class/net" / name / "bridge"))
        throw Refusal(Reason::NetworkNotFound, fmt::format("the host has no bridge {}; create it or name another", name))
            .at("/network");
}

void Network::requireLink(const std::string& name) const
{
    requireLinkName(name);
    if (!isThere(policy_.sysfs / "class/net" / name))
        throw Refusal(Reason::NetworkNotFound, fmt::format("the host has no link {}; name one that it has", name))
            .at("/network");
}

void Network::requireVirtualFunction(const PciAddress& address) const
{
    const auto device = policy_.sysfs / "bus/pci/devices" / address.str();
    if (!isThere(device))
        throw Refusal(Reason::NetworkNotFound,
            fmt::format("the host has no PCI device {}; name a virtual function that it has", address.str()))
            .at("/hostdev");
    if (!isThere(device / "physfn"))
        throw Refusal(Reason::NotSupported,
            fmt::format("the host's PCI device {} is no SR-IOV virtual function; name one", address.str())).at("/hostdev");
}

void Network::requirePortProfiles(const std::string& link) const
{
    if (!knowsPortProfiles(policy_.sysfs / "class/net" / link))
        throw Refusal(Reason::NotSupported,
            fmt::format("link {} belongs to no VM-FEX adapter; name one that does, or use bridge or bridgeless", link))
            .at("/network");
}

} // namespace hotplug
