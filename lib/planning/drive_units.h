#pragma once

#include "planning/planning.h"

#include <span>
#include <string>
#include <vector>

namespace hotplug {

/// The places behind the controllers of one bus (SPEC P3, P4): the choice of a unit and the counting of free ones go
/// by this alone. Reads the domain, which must outlive it.
class DriveUnits {
public:
    /// SCSI: of the running VM, where there is one, for that is where disks are plugged. SATA, IDE: of the definition.
    DriveUnits(const Domain& domain, Bus bus, bool persist);

    bool anyController() const { return !controllers_.empty(); }
    /// Throws Refusal unless the address can be had.
    void require(const DriveAddress& wanted) const;
    std::optional<DriveAddress> firstFree() const;
    /// Costs as much as there are disks, whatever the number of units.
    unsigned countFree() const;

private:
    /// How many units a controller has, in the order in which they are taken.
    struct Shape {
        unsigned buses, targets, units;

        unsigned size() const { return buses * targets * units; }
        bool holds(const DriveAddress& address) const;
        DriveAddress at(unsigned controller, unsigned position) const;
        std::string text() const;
    };
    struct Taken {
        DriveAddress address;
        const std::string* holder;
    };

    static Shape shapeOf(Bus bus);
    void collect(const Definition& document);
    std::span<const Taken> takenOf(unsigned controller) const;

    Bus bus_;
    Shape shape_;
    std::vector<unsigned> controllers_;
    std::vector<Taken> taken_;                  // sorted, each address once, only such as the shape holds
};

/// Why no disk fits on the bus any more, and what to do.
Refusal noFreeUnit(Bus bus, bool anyController);

} // namespace hotplug
