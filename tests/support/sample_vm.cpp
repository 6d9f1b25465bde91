#include "support/sample_vm.h"

#include <fmt/format.h>

namespace hotplug::test {

namespace {

std::string port(unsigned index)
{
    return fmt::format("<controller type='pci' index='{0}' model='pcie-root-port'><alias name='pci.{0}'/>"
                       "<address type='pci' domain='0x0000' bus='0x00' slot='{1:#04x}' function='0x0'/></controller>",
        index, index + 1);
}

} // namespace

std::string sampleVm(const Uuid& uuid, const std::string& name, unsigned ports)
{
    std::string rootPorts;
    for (unsigned index = 1; index <= ports; ++index)
        rootPorts += port(index);
    return fmt::format(
        "<domain type='qemu'><name>{}</name><uuid>{}</uuid><memory unit='KiB'>262144</memory>"
        "<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os><devices>"
        "<controller type='pci' index='0' model='pcie-root'><alias name='pcie.0'/></controller>{}"
        "<controller type='scsi' index='0' model='virtio-scsi'><alias name='scsi0'/>"
        "<address type='pci' domain='0x0000' bus='0x00' slot='0x1e' function='0x0'/></controller>"
        "</devices></domain>",
        name, uuid.str(), rootPorts);
}

HostSource imageAt(const std::string& path)
{
    return {SourceKind::File, path, std::nullopt, {path}, {}};
}

} // namespace hotplug::test
