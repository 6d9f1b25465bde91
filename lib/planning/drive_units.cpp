#include "planning/drive_units.h"

#include "planning/controllers.h"
#include "planning/preconditions.h"
#include "planning/uniqueness.h"

#include <algorithm>
#include <fmt/format.h>

namespace hotplug {

namespace {

/// Other SCSI controllers take no hot plug.
bool serves(const Controller& controller, Bus bus)
{
    return controller.type == name(bus) && (bus != Bus::Scsi || controller.model.starts_with("virtio-"));
}

const Definition& homeOf(const Domain& domain, Bus bus)
{
    return bus == Bus::Scsi || !domain.config ? domain.any() : *domain.config;
}

} // namespace

DriveUnits::Shape DriveUnits::shapeOf(Bus bus)
{
    switch (bus) {
    case Bus::Scsi: return {1, 256, 256};       // above unit 255 the guest would see another LUN number
    case Bus::Sata: return {1, 1, 6};
    case Bus::Ide: return {2, 1, 2};
    case Bus::Virtio: break;
    }
    throw std::logic_error("no drive has an address on the virtio bus");
}

bool DriveUnits::Shape::holds(const DriveAddress& address) const
{
    return address.bus < buses && address.target < targets && address.unit < units;
}

DriveAddress DriveUnits::Shape::at(unsigned controller, unsigned position) const
{
    return {controller, position / (targets * units), position / units % targets, position % units};
}

std::string DriveUnits::Shape::text() const
{
    const auto range = [](const char* one, const char* several, unsigned count) {
        return count == 1 ? fmt::format("{} 0", one) : fmt::format("{} 0 to {}", several, count - 1);
    };
    return fmt::format("{}, {} and {}", range("bus", "buses", buses), range("target", "targets", targets),
        range("unit", "units", units));
}

DriveUnits::DriveUnits(const Domain& domain, Bus bus, bool persist) : bus_(bus), shape_(shapeOf(bus))
{
    for (const auto& controller : homeOf(domain, bus).controllers)
        if (serves(controller, bus) && definitionHas(domain, controller, persist))
            controllers_.push_back(controller.index);
    forEachDocument(domain, [this](const Definition& document) { collect(document); });
    // Stable, so that the live document's name of a holder comes first.
    std::ranges::stable_sort(taken_, {}, &Taken::address);
    const auto same = [](const Taken& one, const Taken& other) { return one.address == other.address; };
    taken_.erase(std::unique(taken_.begin(), taken_.end(), same), taken_.end());
}

void DriveUnits::collect(const Definition& document)
{
    const auto take = [this](const DriveAddress& address, const std::string& holder) {
        if (shape_.holds(address))
            taken_.push_back({address, &holder});
    };
    if (bus_ == Bus::Scsi)
        for (const auto& [address, holder] : document.scsi)
            take(address, holder);
    else
        for (const auto& disk : document.disks)
            if (const auto* address = disk.address ? std::get_if<DriveAddress>(&*disk.address) : nullptr;
                address && disk.bus == name(bus_))
                take(*address, holderName(disk.alias, disk.target));
}

std::span<const DriveUnits::Taken> DriveUnits::takenOf(unsigned controller) const
{
    const auto controllerOf = [](const Taken& taken) { return taken.address.controller; };
    return {std::ranges::lower_bound(taken_, controller, {}, controllerOf),
        std::ranges::upper_bound(taken_, controller, {}, controllerOf)};
}

void DriveUnits::require(const DriveAddress& wanted) const
{
    if (std::ranges::find(controllers_, wanted.controller) == controllers_.end())
        refuseAddress(wanted,
            fmt::format("the VM has no such {} controller", bus_ == Bus::Scsi ? "virtio-scsi" : name(bus_)));
    if (!shape_.holds(wanted))
        refuseAddress(wanted, fmt::format("{} controllers have {}", name(bus_), shape_.text()));
    const auto held = takenOf(wanted.controller);
    const auto found = std::ranges::find(held, wanted, &Taken::address);
    requireFree(wanted, found == held.end() ? std::nullopt : std::optional(*found->holder));
}

std::optional<DriveAddress> DriveUnits::firstFree() const
{
    for (const auto controller : controllers_) {
        unsigned position = 0;
        for (const auto& taken : takenOf(controller)) {
            if (taken.address != shape_.at(controller, position))
                break;
            ++position;
        }
        if (position < shape_.size())
            return shape_.at(controller, position);
    }
    return std::nullopt;
}

unsigned DriveUnits::countFree() const
{
    unsigned count = 0;
    for (const auto controller : controllers_)
        count += shape_.size() - static_cast<unsigned>(takenOf(controller).size());
    return count;
}

Refusal noFreeUnit(Bus bus, bool anyController)
{
    if (bus != Bus::Scsi)
        return {Reason::NoFreeDriveUnit, anyController
            ? fmt::format("all units of the VM's {} controllers are taken; use the scsi or the virtio bus", name(bus))
            : fmt::format("the VM has no {} controller; use the scsi or the virtio bus", name(bus))};
    if (anyController)
        return {Reason::NoFreeScsiUnit, "all units of the VM's virtio-scsi controllers are taken; add another one to "
            "its definition and restart it, or use the virtio bus"};
    return Refusal(Reason::NoScsiController, "the VM has no virtio-scsi controller; add one to its definition and "
        "restart it, or use the virtio bus").at("/iface");
}

} // namespace hotplug
