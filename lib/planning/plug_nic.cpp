#include "libvirtxml/device_xml.h"
#include "planning/lost_device.h"
#include "planning/nic_rules.h"
#include "planning/plug_parts.h"
#include "planning/preconditions.h"
#include "planning/uniqueness.h"

namespace hotplug {

namespace {

/// A passed-through function is whatever it is on the host: PCI Express.
PciKind pciKindOf(const NicRequest& nic)
{
    const bool conventional = nic.model == NicModel::Rtl8139 || nic.model == NicModel::E1000;
    return nic.kind != NicKind::Sriov && conventional ? PciKind::Conventional : PciKind::Express;
}

/// Without id and MAC address it is a new one.
std::optional<DeviceId> idOf(const Domain& domain, const NicRequest& nic)
{
    if (nic.id)
        return nic.id;
    return nic.mac ? std::optional(DeviceId::derive(domain.live->uuid, nic.mac->str())) : std::nullopt;
}

/// Whether a NIC of the definition is the one that is asked for, and can be as it is there.
bool isAskedFor(const DomainNic& defined, const NicRequest& nic)
{
    return nic.kind != NicKind::Sriov && defined.source == nic.network && defined.mac && defined.address
        && (!nic.mac || nic.mac == defined.mac) && (!nic.address || nic.address == defined.address);
}

Plan planNewNic(const Domain& domain, const NicRequest& nic, std::optional<bool> persist)
{
    const bool both = decidePersist(domain, persist);
    const auto mac = nic.mac ? *nic.mac : Mac::random();
    const auto id = nic.id ? *nic.id : DeviceId::derive(domain.live->uuid, mac.str());
    requireNewDevice(domain, id);
    requireNewMac(domain, mac);
    requireNewFunction(domain, nic.virtualFunction);
    requireNewBootOrder(domain, nic.bootOrder, both);

    const auto address = choosePciAddress(domain, nic.address, both, pciKindOf(nic));
    auto plan = plugPlan(domain, id, DeviceKind::Nic, both, address);
    plan.record->source = nic.virtualFunction ? nic.virtualFunction->str() : nic.network;
    plan.record->mac = mac.str();
    plan.deviceXml = printNic(nic, {plan.alias, address, mac});
    return plan;
}

/// With the address and the MAC address that the definition has for it.
Plan planLostNic(const Domain& domain, const DomainNic& defined, NicRequest nic, std::optional<bool> persist)
{
    nic.mac = defined.mac;
    nic.address = defined.address;
    auto plan = planNewNic(withoutDefined(domain, defined.alias), nic, persist);
    spareDefinition(plan);
    return plan;
}

} // namespace

Plan planPlugNic(const Domain& domain, const NicRequest& nic, std::optional<bool> persist)
{
    requireChangeable(domain);
    requireFittingNic(nic);
    const auto id = idOf(domain, nic);
    const auto* lost = id ? findLostNic(domain, *id) : nullptr;
    return lost && isAskedFor(*lost, nic) ? planLostNic(domain, *lost, nic, persist) : planNewNic(domain, nic, persist);
}

} // namespace hotplug
