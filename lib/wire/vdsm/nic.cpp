#include "wire/vdsm/dictionary_parts.h"

namespace hotplug::wire {

namespace {

constexpr unsigned leastMtu = 68, mostMtu = 65535;

constexpr std::string_view ignored[] = {"name", "custom", "vm_custom", "vmid"};
constexpr std::string_view unsupported[] = {"filter", "filterParameters", "queues", "portMirroring", "promisc",
    "bandwidth", "port_isolated", "hostdev"};

void refuseUnsupported(const DictionaryReader& reader)
{
    const auto device = reader.text("device");
    if (device && device != "bridge")
        throw notSupported("device", "only bridge is supported");
    refuseIfAsked(reader, unsupported, "leave it out");
    for (const char* key : {"inbound", "outbound"})
        if (!reader.raw("specParams")[key].empty())
            throw notSupported(std::string("specParams/") + key, "leave it out");
}

} // namespace

NicRequest readNic(const Json::Value& nic, Warnings& warnings)
{
    DictionaryReader reader(nic);
    NicRequest request;
    request.id = reader.deviceId();
    request.bridge = reader.text("network").value_or(std::string());
    request.mac = reader.mac("macAddr");
    request.model = choice<NicModel>(reader, "nicModel",
        {{"pv", NicModel::Virtio}, {"virtio", NicModel::Virtio}, {"rtl8139", NicModel::Rtl8139},
         {"e1000", NicModel::E1000}, {"e1000e", NicModel::E1000e}}).value_or(NicModel::Virtio);
    request.address = reader.address();
    request.bootOrder = reader.number("bootOrder", 1, maxBootOrder);
    request.mtu = reader.number("mtu", leastMtu, mostMtu);
    request.linkUp = reader.flag("linkActive").value_or(true);
    reader.finish();
    refuseUnsupported(reader);
    warnIgnored(reader, ignored, warnings);
    return request;
}

DeviceQuery readNicQuery(const Json::Value& nic)
{
    DictionaryReader reader(nic);
    DeviceQuery query;
    query.kind = DeviceKind::Nic;
    query.id = reader.deviceId();
    query.alias = reader.alias();
    query.mac = reader.mac("macAddr");
    query.address = reader.address();
    reader.finish();
    if (!query.id && !query.alias && !query.mac && !query.address)
        throw Refusal(Reason::MissingParameter, "nothing names the NIC; give its deviceId, macAddr or address")
            .at("/deviceId");
    return query;
}

} // namespace hotplug::wire
