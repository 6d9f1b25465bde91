#include "libvirtxml/device_xml.h"
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

} // namespace

Plan planPlugNic(const Domain& domain, const NicRequest& nic, std::optional<bool> persist)
{
    requireChangeable(domain);
    requireFittingNic(nic);
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

} // namespace hotplug
