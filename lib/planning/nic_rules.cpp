#include "planning/nic_rules.h"

#include <fmt/format.h>

namespace hotplug {

namespace {

void requireComplete(const NicRequest& nic)
{
    const auto require = [&nic](bool given, const char* field, const char* what) {
        if (!given)
            throw Refusal(Reason::MissingParameter,
                fmt::format("a {} NIC needs {}; give it", name(nic.kind), what)).at(field);
    };
    const bool sriov = nic.kind == NicKind::Sriov;
    require(!sriov || nic.virtualFunction, "/hostdev", "the virtual function that is passed through");
    require(sriov || !nic.network.empty(), "/network", "a bridge or link of the host");
    require(nic.kind != NicKind::Vnlink || !nic.profile.empty(), "/specParams/profile", "a port profile");
    const auto* average = "the average beside other limits";
    require(nic.inbound == Bandwidth() || nic.inbound.average, "/specParams/inbound", average);
    require(nic.outbound == Bandwidth() || nic.outbound.average, "/specParams/outbound", average);
}

/// What a kind of NIC cannot have.
struct Misfit {
    bool asked;
    const char *field, *what;
};

void refuse(const NicRequest& nic, std::initializer_list<Misfit> misfits)
{
    for (const auto& [asked, field, what] : misfits)
        if (asked)
            throw Refusal(Reason::InvalidParameter,
                fmt::format("a {} NIC cannot have {}; leave it out", name(nic.kind), what)).at(field);
}

} // namespace

void requireFittingNic(const NicRequest& nic)
{
    requireComplete(nic);
    if (nic.kind != NicKind::Bridge)
        refuse(nic, {{nic.mtu.has_value(), "/mtu", "an MTU of its own"}, {!nic.filter.empty(), "/filter", "a filter"},
                        {nic.isolated, "/port_isolated", "an isolated port"}});
    if (nic.kind == NicKind::Sriov)
        refuse(nic, {{nic.queues.has_value(), "/queues", "queues"}, {!nic.linkUp, "/linkActive", "a link that is down"},
                        {nic.inbound != Bandwidth(), "/specParams/inbound", "limits"},
                        {nic.outbound != Bandwidth(), "/specParams/outbound", "limits"}});
    if (nic.queues && nic.model != NicModel::Virtio)
        throw Refusal(Reason::InvalidParameter,
            fmt::format("a NIC of model {} has one queue; leave queues out, or give nicModel pv", name(nic.model)))
            .at("/queues");
}

} // namespace hotplug
