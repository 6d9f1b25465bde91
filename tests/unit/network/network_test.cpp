#include "network/network.h"

#include "support/catch.h"
#include "unit/storage/temp_directory.h"

using namespace hotplug;
using namespace hotplug::test;
namespace fs = std::filesystem;

namespace {

/// A host with a bridge, a plain link, a VM-FEX adapter, a virtual function and another PCI device.
class Host {
public:
    Host()
    {
        fs::create_directories(sysfs() / "class/net/br0/bridge");
        fs::create_directories(sysfs() / "class/net/eno1/device");
        fs::create_directories(sysfs() / "class/net/fex0/device");
        fs::create_symlink("../../../../bus/pci/drivers/e1000e", sysfs() / "class/net/eno1/device/driver");
        fs::create_symlink("../../../../bus/pci/drivers/enic", sysfs() / "class/net/fex0/device/driver");
        fs::create_directories(sysfs() / "bus/pci/devices/0000:05:10.1/physfn");
        fs::create_directories(sysfs() / "bus/pci/devices/0000:05:00.0");
    }

    /// Empty: the NIC can be plugged.
    std::string refusal(const NicRequest& nic) const
    {
        try {
            Network({sysfs(), macvtap}).require(nic);
            return "";
        } catch (const Refusal& refused) {
            return std::string(nameOf(refused.reason())) + " " + refused.field();
        }
    }

    bool macvtap = true;

private:
    fs::path sysfs() const { return directory_.path() / "sys"; }

    TempDirectory directory_;
};

NicRequest nic(NicKind kind, const std::string& network)
{
    NicRequest one;
    one.kind = kind;
    one.network = network;
    return one;
}

NicRequest sriov(PciAddress address)
{
    NicRequest one;
    one.kind = NicKind::Sriov;
    one.virtualFunction = address;
    return one;
}

} // namespace

TEST_CASE("B9: a NIC needs what its kind names on the host")
{
    const Host host;
    CHECK(host.refusal(nic(NicKind::Bridge, "br0")) == "");
    CHECK(host.refusal(nic(NicKind::Bridge, "eno1")) == "NETWORK_NOT_FOUND /network");
    CHECK(host.refusal(nic(NicKind::Bridge, "br1")) == "NETWORK_NOT_FOUND /network");
    CHECK(host.refusal(nic(NicKind::Bridgeless, "eno1")) == "");
    CHECK(host.refusal(nic(NicKind::Bridgeless, "br0")) == "");
    CHECK(host.refusal(nic(NicKind::Bridgeless, "eno2")) == "NETWORK_NOT_FOUND /network");
    CHECK(host.refusal(nic(NicKind::Vnlink, "fex0")) == "");
    CHECK(host.refusal(nic(NicKind::Vnlink, "eno1")) == "NOT_SUPPORTED /network");
    CHECK(host.refusal(nic(NicKind::Vnlink, "fex1")) == "NETWORK_NOT_FOUND /network");
    CHECK(host.refusal(sriov({0, 5, 0x10, 1})) == "");
    CHECK(host.refusal(sriov({0, 5, 0, 0})) == "NOT_SUPPORTED /hostdev");
    CHECK(host.refusal(sriov({0, 6, 0, 0})) == "NETWORK_NOT_FOUND /hostdev");
}

TEST_CASE("B9: a name that no link can have is refused before the host is asked")
{
    const Host host;
    for (const char* name : {"", ".", "..", "../net/br0", "br 0", "br0:1", "a-name-too-long1", "br0\n"})
        CHECK(host.refusal(nic(NicKind::Bridge, name)) == "INVALID_PARAMETER /network");
}

TEST_CASE("B9: an embedded libvirt, which crashes when a macvtap is unplugged, is given none")
{
    Host host;
    host.macvtap = false;
    CHECK(host.refusal(nic(NicKind::Bridgeless, "eno1")) == "NOT_SUPPORTED /device");
    CHECK(host.refusal(nic(NicKind::Vnlink, "fex0")) == "NOT_SUPPORTED /device");
    CHECK(host.refusal(nic(NicKind::Bridge, "br0")) == "");
}
