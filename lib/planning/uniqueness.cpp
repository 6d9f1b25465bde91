#include "planning/uniqueness.h"

#include "model/parse_name.h"
#include "planning/preconditions.h"

#include <algorithm>
#include <fmt/format.h>

namespace hotplug {

namespace {

void refuseBootOrder(unsigned order, const std::string& holder)
{
    throw Refusal(Reason::BootOrderInUse,
        fmt::format("boot order {} belongs to {}; choose another", order, holder)).at("/bootOrder").against(holder);
}

/// Of a disk that others attached, to whatever bus libvirt knows.
Bus busOf(const DomainDisk& disk)
{
    return parseName<Bus>(disk.bus).value_or(Bus::Ide);
}

std::string_view seenOf(const std::string& serial, Bus bus)
{
    return std::string_view(serial).substr(0, maxSerial(bus));
}

} // namespace

const std::string& holderName(const Alias& alias, const std::string& otherwise)
{
    return alias.empty() ? otherwise : alias.str();
}

std::string cutSerial(const std::string& serial, Bus bus)
{
    return std::string(seenOf(serial, bus));
}

void requireNewDevice(const Domain& domain, const DeviceId& id)
{
    const auto alias = Alias::of(id);
    const auto refuse = [&](const auto& device) {
        if (device.alias == alias)
            throw Refusal(Reason::AlreadyPlugged,
                fmt::format("the VM has device {} already; unplug it first or give another deviceId", id.str()))
                .at("/deviceId").against(alias.str());
    };
    forEachDocument(domain, [&](const Definition& document) {
        std::ranges::for_each(document.disks, refuse);
        std::ranges::for_each(document.nics, refuse);
    });
}

void requireNewSerial(const Domain& domain, const std::string& serial, Bus bus)
{
    const auto seen = seenOf(serial, bus);
    if (seen.empty())
        return;
    forEachDocument(domain, [&](const Definition& document) {
        for (const auto& disk : document.disks)
            if (seenOf(disk.serial, busOf(disk)) == seen) {
                const auto holder = holderName(disk.alias, disk.target);
                throw Refusal(Reason::SerialDuplicate,
                    fmt::format("the guest would see serial {} twice; {} has it", seen, holder))
                    .at("/serial").against(holder);
            }
    });
}

void requireNewMac(const Domain& domain, const Mac& mac)
{
    forEachDocument(domain, [&](const Definition& document) {
        for (const auto& nic : document.nics)
            if (nic.mac == mac) {
                const auto holder = holderName(nic.alias, mac.str());
                throw Refusal(Reason::MacDuplicate,
                    fmt::format("the VM has a NIC with MAC address {} already; give another", mac.str()))
                    .at("/macAddr").against(holder);
            }
    });
}

void requireNewFunction(const Domain& domain, const std::optional<PciAddress>& function)
{
    if (!function)
        return;
    forEachDocument(domain, [&](const Definition& document) {
        for (const auto& nic : document.nics)
            if (nic.virtualFunction == function) {
                const auto holder = holderName(nic.alias, nic.source);
                throw Refusal(Reason::AlreadyPlugged,
                    fmt::format("the VM has the virtual function {} already, as {}", function->str(), holder))
                    .at("/hostdev").against(holder);
            }
    });
}

void requireNewBootOrder(const Domain& domain, const std::optional<unsigned>& order, bool persist)
{
    if (!order)
        return;
    forEachDocument(domain, [&](const Definition& document) {
        if (document.bootDevices && (persist || &document == &*domain.live))
            throw Refusal(Reason::BootOrderUnsupported,
                "the VM is defined with <boot dev>, which excludes a boot order of its devices; plug without bootOrder, "
                "or define the VM with a per-device order").at("/bootOrder");
        for (const auto& disk : document.disks)
            if (disk.bootOrder == order)
                refuseBootOrder(*order, holderName(disk.alias, disk.target));
        for (const auto& nic : document.nics)
            if (nic.bootOrder == order)
                refuseBootOrder(*order, holderName(nic.alias, nic.mac ? nic.mac->str() : nic.target));
    });
}

} // namespace hotplug
