#include "libvirtxml/device_parts.h"
#include "libvirtxml/device_xml.h"

namespace hotplug {

namespace {

const char* typeOf(NicKind kind)
{
    switch (kind) {
    case NicKind::Bridge: return "bridge";
    case NicKind::Bridgeless:
    case NicKind::Vnlink: return "direct";
    case NicKind::Sriov: break;
    }
    return "hostdev";
}

void printMac(pugi::xml_node nic, const Mac& mac)
{
    set(nic.append_child("mac"), "address", mac.str());
}

/// Guests of one link see each other (`bridge`); with VM-FEX all their traffic goes through the switch (`private`).
void printLink(pugi::xml_node source, const NicRequest& request)
{
    set(source, "dev", request.network);
    set(source, "mode", request.kind == NicKind::Vnlink ? "private" : "bridge");
}

void printSource(pugi::xml_node nic, const NicRequest& request)
{
    auto source = nic.append_child("source");
    if (request.kind == NicKind::Bridge)
        set(source, "bridge", request.network);
    else if (request.kind == NicKind::Sriov)
        printAddress(source, request.virtualFunction.value_or(PciAddress()));
    else
        printLink(source, request);
}

void printProfile(pugi::xml_node nic, const NicRequest& request)
{
    if (request.kind != NicKind::Vnlink)
        return;
    auto port = nic.append_child("virtualport");
    set(port, "type", "802.1Qbh");
    set(port.append_child("parameters"), "profileid", request.profile);
}

/// A passed-through function is what it is: no model, no driver.
void printModel(pugi::xml_node nic, const NicRequest& request)
{
    if (request.kind != NicKind::Sriov)
        set(nic.append_child("model"), "type", name(request.model));
    if (request.queues)
        set(nic.append_child("driver"), "queues", *request.queues);
    if (request.mtu)
        set(nic.append_child("mtu"), "size", *request.mtu);
    if (!request.linkUp)
        set(nic.append_child("link"), "state", "down");
}

void printFilter(pugi::xml_node nic, const NicRequest& request)
{
    if (request.filter.empty())
        return;
    auto filter = nic.append_child("filterref");
    set(filter, "filter", request.filter);
    for (const auto& [name, value] : request.filterParameters) {
        auto parameter = filter.append_child("parameter");
        set(parameter, "name", name);
        set(parameter, "value", value);
    }
}

void printLimits(pugi::xml_node bandwidth, const char* direction, const Bandwidth& limits)
{
    if (limits == Bandwidth())
        return;
    auto node = bandwidth.append_child(direction);
    const auto limit = [&node](const char* key, const std::optional<unsigned>& value) {
        if (value)
            set(node, key, *value);
    };
    limit("average", limits.average);
    limit("peak", limits.peak);
    limit("burst", limits.burst);
}

void printBandwidth(pugi::xml_node nic, const NicRequest& request)
{
    if (request.inbound == Bandwidth() && request.outbound == Bandwidth())
        return;
    auto bandwidth = nic.append_child("bandwidth");
    printLimits(bandwidth, "inbound", request.inbound);
    printLimits(bandwidth, "outbound", request.outbound);
}

/// libvirt finds a NIC by MAC and address, but first wants its source where the type has one.
void printTwinSource(pugi::xml_node node, const DomainNic& nic)
{
    if (nic.virtualFunction)
        printAddress(node.append_child("source"), *nic.virtualFunction);
    else if (!nic.source.empty())
        set(node.append_child("source"), nic.type == "bridge" || nic.type == "network" ? nic.type.c_str() : "dev",
            nic.source);
}

} // namespace

std::string printNic(const NicRequest& request, const NicPlacement& placement)
{
    pugi::xml_document document;
    auto nic = document.append_child("interface");
    set(nic, "type", typeOf(request.kind));
    if (request.kind == NicKind::Sriov)
        set(nic, "managed", "yes");
    printMac(nic, placement.mac);
    printSource(nic, request);
    printProfile(nic, request);
    printModel(nic, request);
    printFilter(nic, request);
    printBandwidth(nic, request);
    if (request.isolated)
        set(nic.append_child("port"), "isolated", "yes");
    printBootOrder(nic, request.bootOrder);
    printAlias(nic, placement.alias);
    printAddress(nic, placement.address);
    return textOf(nic);
}

std::string printTwin(const DomainNic& nic)
{
    pugi::xml_document document;
    auto node = document.append_child("interface");
    set(node, "type", nic.type);
    if (nic.mac)
        printMac(node, *nic.mac);
    printTwinSource(node, nic);
    if (nic.address)
        printAddress(node, *nic.address);
    return textOf(node);
}

} // namespace hotplug
