#pragma once

#include "planning/planning.h"
#include "vm.h"

namespace hotplug::test {

inline Refusal refusedPci(const Domain& domain, const std::optional<Address>& wanted, bool persist)
{
    return refusalOf([&] { choosePciAddress(domain, wanted, persist); });
}

inline PciAddress chosen(const Domain& domain, bool persist = true)
{
    return choosePciAddress(domain, std::nullopt, persist);
}

} // namespace hotplug::test
