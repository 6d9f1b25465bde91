#include "planning/pci_slots.h"

#include "planning/controllers.h"
#include "planning/preconditions.h"

#include <algorithm>
#include <fmt/format.h>

namespace hotplug {

namespace {

constexpr unsigned lastSlot = 31;

bool isPort(const Controller& controller)
{
    return controller.type == "pci"
        && (controller.model == "pcie-root-port" || controller.model == "pcie-switch-downstream-port");
}

/// Guests answer hot plug on all of these, by ACPI as by SHPC (tried with QEMU 7.2); libvirt refuses it on a
/// dmi-to-pci-bridge and on pcie.0.
bool isConventional(const Controller& controller)
{
    return controller.type == "pci" && (controller.model == "pci-root" || controller.model == "pci-bridge"
        || controller.model == "pcie-to-pci-bridge");
}

/// Slot 1 of pci.0 is the chipset's, whether the document shows it or not; slot 0 is the bus's own.
unsigned lowestSlot(const Controller& bus)
{
    return bus.index == 0 ? 2 : 1;
}

/// Slot 2 of pci.0 is left to a primary video card, unless a caller asks for it.
unsigned firstChoice(const Controller& bus)
{
    return bus.index == 0 ? 3 : 1;
}

bool isLegalSlot(const Controller& bus, const PciAddress& address)
{
    return address.slot >= lowestSlot(bus) && address.slot <= lastSlot && address.function == 0;
}

} // namespace

PciSlots::PciSlots(const Domain& domain, bool persist) : domain_(domain), persist_(persist)
{
    for (const auto& bus : domain.any().controllers)
        if (bus.hotplug && definitionHas(domain, bus, persist)) {
            if (isPort(bus))
                ports_.push_back(&bus);
            else if (isConventional(bus))
                conventional_.push_back(&bus);
        }
    forEachDocument(domain, [this](const Definition& document) {
        for (const auto& [address, holder] : document.pci)
            if (address.domain == 0)
                holders_.try_emplace({address.bus, address.slot}, &holder);
    });
}

std::optional<std::string> PciSlots::holderOf(const Controller& bus, unsigned slot) const
{
    // On a port any slot counts, since it has but one.
    const auto found = isPort(bus) ? holders_.lower_bound({bus.index, 0}) : holders_.find({bus.index, slot});
    const bool held = found != holders_.end() && found->first.first == bus.index;
    return held ? std::optional(*found->second) : std::nullopt;
}

void PciSlots::require(const PciAddress& wanted) const
{
    const auto* bus = findController(domain_.any(), "pci", wanted.bus);
    if (wanted.domain != 0 || !bus)
        refuseAddress(wanted, "the VM has no such bus");
    if (isPort(*bus) && (wanted.slot != 0 || wanted.function != 0))
        refuseAddress(wanted, "a root port has slot 0, function 0 only");
    if (isConventional(*bus) && !isLegalSlot(*bus, wanted))
        refuseAddress(wanted, fmt::format("hot plug takes slots {} to {}, function 0", lowestSlot(*bus), lastSlot));
    if (!isPort(*bus) && !isConventional(*bus))
        refuseAddress(wanted, fmt::format("a {} takes no hot plug; use a pcie-root-port", bus->model));
    if (!bus->hotplug)
        refuseAddress(wanted, "this port was defined with hotplug='off'");
    if (!definitionHas(domain_, *bus, persist_))
        refuseAddress(wanted, "the VM's definition has no such bus");
    requireFree(wanted, holderOf(*bus, wanted.slot));
}

/// Where pci.0 is conventional so is everything. On PCI Express a conventional card goes where it belongs, if there is
/// room; nothing else does so unasked: it would lose its own link, and the bridge its slots.
PciSlots::Buses PciSlots::busesFor(PciKind kind) const
{
    const auto isRoot = [](const Controller* bus) { return bus->model == "pci-root"; };
    const bool mixed = kind == PciKind::Conventional || std::ranges::any_of(conventional_, isRoot);
    auto buses = mixed ? conventional_ : Buses();
    buses.insert(buses.end(), ports_.begin(), ports_.end());
    return buses;
}

template<typename Visit> void PciSlots::forEachFree(const Controller& bus, Visit&& visit) const
{
    const unsigned first = isPort(bus) ? 0 : firstChoice(bus), last = isPort(bus) ? 0 : lastSlot;
    for (unsigned slot = first; slot <= last; ++slot)
        if (!holderOf(bus, slot) && !visit(PciAddress{.bus = bus.index, .slot = slot}))
            return;
}

std::optional<PciAddress> PciSlots::firstFree(PciKind kind) const
{
    std::optional<PciAddress> found;
    for (const auto* bus : busesFor(kind)) {
        forEachFree(*bus, [&found](const PciAddress& free) {
            found = free;
            return false;
        });
        if (found)
            break;
    }
    return found;
}

unsigned PciSlots::countFree(PciKind kind) const
{
    unsigned count = 0;
    for (const auto* bus : busesFor(kind))
        forEachFree(*bus, [&count](const PciAddress&) {
            ++count;
            return true;
        });
    return count;
}

Refusal noFreePciPort(const Domain& domain)
{
    const auto ports = std::ranges::count_if(domain.any().controllers, isPort);
    if (domain.any().machine == Machine::Q35)
        return {Reason::NoFreePciPort,
            fmt::format("none of the VM's {} pcie-root-ports is free; add pcie-root-port controllers to its definition "
                        "and restart it, or use the scsi bus", ports)};
    return {Reason::NoFreePciPort,
        "all PCI slots of the VM are taken; add a pci-bridge to its definition and restart it, or use the scsi bus"};
}

} // namespace hotplug
