#pragma once

#include "planning/planning.h"

#include <map>
#include <utility>
#include <vector>

namespace hotplug {

/// Where hot plug can put a PCI device, and who sits there in either document: the choice of an address and the
/// counting of free ones go by this alone. Reads the domain, which must outlive it.
class PciSlots {
public:
    PciSlots(const Domain& domain, bool persist);

    /// Throws Refusal unless the address can be had.
    void require(const PciAddress& wanted) const;
    /// The first free address for a device of that kind.
    std::optional<PciAddress> firstFree(PciKind kind) const;
    unsigned countFree(PciKind kind) const;

private:
    using Buses = std::vector<const Controller*>;

    /// In the order in which a device of that kind takes them.
    Buses busesFor(PciKind kind) const;
    /// The free slots of a bus, in order, until `visit` returns false.
    template<typename Visit> void forEachFree(const Controller& bus, Visit&& visit) const;
    std::optional<std::string> holderOf(const Controller& bus, unsigned slot) const;

    const Domain& domain_;
    bool persist_;
    Buses ports_, conventional_;
    std::map<std::pair<unsigned, unsigned>, const std::string*> holders_;   // by bus and slot
};

/// Why no PCI device fits any more, and what to do.
Refusal noFreePciPort(const Domain& domain);

} // namespace hotplug
