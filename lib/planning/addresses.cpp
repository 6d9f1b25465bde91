#include "planning/planning.h"
#include "planning/preconditions.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace hotplug {

namespace {

constexpr unsigned lastSlot = 31, lastTarget = 255, lastUnit = 255;

bool isPort(const Controller& controller)
{
    return controller.type == "pci"
        && (controller.model == "pcie-root-port" || controller.model == "pcie-switch-downstream-port");
}

bool isConventionalBus(const Controller& controller)
{
    return controller.type == "pci" && (controller.model == "pci-root" || controller.model == "pci-bridge");
}

/// Other SCSI controllers take no hot plug.
bool isVirtioScsi(const Controller& controller)
{
    return controller.type == "scsi" && controller.model.starts_with("virtio-");
}

const Controller* findController(const Definition& document, std::string_view type, unsigned index)
{
    const auto found = std::ranges::find_if(document.controllers,
        [&](const Controller& one) { return one.type == type && one.index == index; });
    return found == document.controllers.end() ? nullptr : &*found;
}

/// A controller that only the live VM has would be added to the definition by libvirt, silently (SPEC P3).
bool definitionHas(const Domain& domain, const Controller& controller, bool persist)
{
    if (!persist || !domain.config)
        return true;
    const auto* same = findController(*domain.config, controller.type, controller.index);
    return same && same->model == controller.model;
}

/// Who sits where, in either document; collected once per plan.
class TakenSlots {
public:
    explicit TakenSlots(const Domain& domain)
    {
        forEachDocument(domain, [this](const Definition& document) {
            for (const auto& [address, holder] : document.pci)
                if (address.domain == 0)
                    holders_.try_emplace({address.bus, address.slot}, holder);
        });
    }

    /// On a port any slot counts, since it has but one.
    std::optional<std::string> holderOf(const Controller& bus, unsigned slot) const
    {
        const auto found = isPort(bus) ? holders_.lower_bound({bus.index, 0}) : holders_.find({bus.index, slot});
        const bool held = found != holders_.end() && found->first.first == bus.index;
        return held ? std::optional(found->second) : std::nullopt;
    }

private:
    std::map<std::pair<unsigned, unsigned>, std::string> holders_;      // by bus and slot
};

class TakenUnits {
public:
    explicit TakenUnits(const Domain& domain)
    {
        forEachDocument(domain, [this](const Definition& document) {
            for (const auto& [address, holder] : document.scsi)
                holders_.try_emplace(address, holder);
        });
    }

    std::optional<std::string> holderOf(const DriveAddress& address) const
    {
        const auto found = holders_.find(address);
        return found == holders_.end() ? std::nullopt : std::optional(found->second);
    }

private:
    std::map<DriveAddress, std::string> holders_;
};

[[noreturn]] void refuseAddress(const Address& address, const std::string& why)
{
    throw Refusal(Reason::AddressNotUsable, fmt::format("address {}: {}", str(address), why)).at("/address");
}

void requireFree(const Address& address, const std::optional<std::string>& holder)
{
    if (holder)
        throw Refusal(Reason::AddressInUse,
            fmt::format("address {} belongs to {}; leave it out to have a free one chosen", str(address), *holder))
            .at("/address").against(*holder);
}

/// Slot 1 of pci.0 is the chipset's, whether the document shows it or not; slot 0 is the bus's own.
unsigned lowestSlot(const Controller& bus)
{
    return bus.index == 0 ? 2 : 1;
}

PciAddress checkPciAddress(const Domain& domain, const Address& wanted, bool persist)
{
    const auto* address = std::get_if<PciAddress>(&wanted);
    if (!address)
        throw Refusal(Reason::InvalidParameter, "a virtio disk or NIC has a PCI address, not a drive address")
            .at("/address");
    const auto* bus = findController(*domain.live, "pci", address->bus);
    if (address->domain != 0 || !bus)
        refuseAddress(wanted, "the VM has no such bus");
    if (isPort(*bus) && (address->slot != 0 || address->function != 0))
        refuseAddress(wanted, "a root port has slot 0, function 0 only");
    if (isConventionalBus(*bus)
        && (address->slot < lowestSlot(*bus) || address->slot > lastSlot || address->function != 0))
        refuseAddress(wanted, fmt::format("hot plug takes slots {} to 31, function 0", lowestSlot(*bus)));
    if (!isPort(*bus) && !isConventionalBus(*bus))
        refuseAddress(wanted, fmt::format("a {} takes no hot plug; use a pcie-root-port", bus->model));
    if (!bus->hotplug)
        refuseAddress(wanted, "this port was defined with hotplug='off'");
    if (!definitionHas(domain, *bus, persist))
        refuseAddress(wanted, "the VM's definition has no such bus");
    requireFree(wanted, TakenSlots(domain).holderOf(*bus, address->slot));
    return *address;
}

/// Slot 2 of pci.0 is left to a primary video card, unless a caller asks for it.
unsigned firstSlot(const Controller& bus)
{
    return bus.index == 0 ? 3 : 1;
}

std::optional<PciAddress> freeAddressOn(const Controller& bus, const TakenSlots& taken)
{
    if (isPort(bus) && !taken.holderOf(bus, 0))
        return PciAddress{.bus = bus.index};
    if (isConventionalBus(bus))
        for (unsigned slot = firstSlot(bus); slot <= lastSlot; ++slot)
            if (!taken.holderOf(bus, slot))
                return PciAddress{.bus = bus.index, .slot = slot};
    return std::nullopt;
}

DriveAddress checkScsiAddress(const Domain& domain, const Address& wanted, bool persist)
{
    const auto* address = std::get_if<DriveAddress>(&wanted);
    if (!address)
        throw Refusal(Reason::InvalidParameter, "a scsi disk has a drive address, not a PCI address").at("/address");
    const auto* controller = findController(*domain.live, "scsi", address->controller);
    if (!controller || !isVirtioScsi(*controller) || !definitionHas(domain, *controller, persist))
        refuseAddress(wanted, "the VM has no such virtio-scsi controller");
    if (address->bus != 0 || address->target > lastTarget || address->unit > lastUnit)
        refuseAddress(wanted, "a virtio-scsi controller has bus 0, targets and units 0 to 255");
    requireFree(wanted, TakenUnits(domain).holderOf(*address));
    return *address;
}

std::optional<DriveAddress> freeUnitOn(const Controller& controller, const TakenUnits& taken)
{
    for (unsigned target = 0; target <= lastTarget; ++target)
        for (unsigned unit = 0; unit <= lastUnit; ++unit)
            if (const DriveAddress one{controller.index, 0, target, unit}; !taken.holderOf(one))
                return one;
    return std::nullopt;
}

[[noreturn]] void refuseForWantOfPorts(const Domain& domain)
{
    const auto ports = std::ranges::count_if(domain.live->controllers, isPort);
    if (domain.live->machine == Machine::Q35)
        throw Refusal(Reason::NoFreePciPort,
            fmt::format("none of the VM's {} pcie-root-ports is free; add pcie-root-port controllers to its definition "
                        "and restart it, or use the scsi bus", ports));
    throw Refusal(Reason::NoFreePciPort,
        "all PCI slots of the VM are taken; add a pci-bridge to its definition and restart it, or use the scsi bus");
}

} // namespace

PciAddress choosePciAddress(const Domain& domain, const std::optional<Address>& wanted, bool persist)
{
    if (wanted)
        return checkPciAddress(domain, *wanted, persist);
    const TakenSlots taken(domain);
    for (const auto& bus : domain.live->controllers)
        if (bus.hotplug && definitionHas(domain, bus, persist))
            if (const auto free = freeAddressOn(bus, taken))
                return *free;
    refuseForWantOfPorts(domain);
}

DriveAddress chooseScsiAddress(const Domain& domain, const std::optional<Address>& wanted, bool persist)
{
    if (wanted)
        return checkScsiAddress(domain, *wanted, persist);
    const TakenUnits taken(domain);
    bool any = false;
    for (const auto& controller : domain.live->controllers) {
        if (!isVirtioScsi(controller) || !definitionHas(domain, controller, persist))
            continue;
        any = true;
        if (const auto free = freeUnitOn(controller, taken))
            return *free;
    }
    if (!any)
        throw Refusal(Reason::NoScsiController,
            "the VM has no virtio-scsi controller; add one to its definition and restart it, or use the "
            "virtio bus").at("/iface");
    throw Refusal(Reason::NoFreeScsiUnit, "all units of the VM's virtio-scsi controllers are taken");
}

std::string chooseTarget(const Domain& domain, Bus bus, const std::optional<unsigned>& index)
{
    const std::string prefix = bus == Bus::Virtio ? "vd" : "sd";
    std::set<std::string_view> taken;
    forEachDocument(domain, [&taken](const Definition& document) {
        for (const auto& disk : document.disks)
            taken.insert(disk.target);
    });
    if (index)
        if (auto preferred = targetName(prefix, *index); !taken.contains(preferred))
            return preferred;
    for (unsigned i = 0;; ++i)
        if (auto target = targetName(prefix, i); !taken.contains(target))
            return target;
}

} // namespace hotplug
