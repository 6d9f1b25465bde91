#include "planning/planning.h"
#include "vm.h"

#include <functional>

using namespace hotplug;
using namespace hotplug::test;

namespace {

NicRequest newNic(NicKind kind)
{
    NicRequest nic;
    nic.id = idOf("new");
    nic.kind = kind;
    nic.mac = macOf("52:54:00:00:00:99");
    if (kind == NicKind::Sriov)
        nic.virtualFunction = PciAddress{0, 3, 0x10, 1};
    else
        nic.network = "blue";
    if (kind == NicKind::Vnlink)
        nic.profile = "finance";
    return nic;
}

Plan plug(const NicRequest& nic, const Domain& domain = persistent(q35(4)))
{
    return planPlugNic(domain, nic, std::nullopt);
}

constexpr auto kinds = {NicKind::Bridge, NicKind::Bridgeless, NicKind::Sriov, NicKind::Vnlink};

} // namespace

TEST_CASE("B9: a NIC of each kind is planned with what it is attached to")
{
    struct Case {
        NicKind kind;
        const char *type, *source;
    };
    const auto [kind, type, source] = GENERATE(Case{NicKind::Bridge, "bridge", "blue"},
        Case{NicKind::Bridgeless, "direct", "blue"}, Case{NicKind::Vnlink, "direct", "blue"},
        Case{NicKind::Sriov, "hostdev", "0000:03:10.1"});
    const auto plan = plug(newNic(kind));
    const auto document = parseDefinition("<domain><uuid>" + plan.vm.str() + "</uuid><devices>" + plan.deviceXml
        + "</devices></domain>");
    CHECK(document.nics.at(0).type == type);
    CHECK(document.nics.at(0).source == source);
    CHECK(plan.record->source == source);
    CHECK(plan.address == Address(PciAddress{.bus = 1}));
}

TEST_CASE("B9: a NIC that lacks what its kind needs is refused")
{
    struct Case {
        NicKind kind;
        std::function<void(NicRequest&)> take;
        const char* field;
    };
    const auto one = GENERATE(Case{NicKind::Bridge, [](auto& nic) { nic.network.clear(); }, "/network"},
        Case{NicKind::Bridgeless, [](auto& nic) { nic.network.clear(); }, "/network"},
        Case{NicKind::Vnlink, [](auto& nic) { nic.network.clear(); }, "/network"},
        Case{NicKind::Vnlink, [](auto& nic) { nic.profile.clear(); }, "/specParams/profile"},
        Case{NicKind::Sriov, [](auto& nic) { nic.virtualFunction.reset(); }, "/hostdev"},
        Case{NicKind::Bridge, [](auto& nic) { nic.inbound.peak = 5; }, "/specParams/inbound"},
        Case{NicKind::Bridge, [](auto& nic) { nic.outbound.burst = 5; }, "/specParams/outbound"});
    auto nic = newNic(one.kind);
    one.take(nic);
    const auto refusal = refusalOf([&] { plug(nic); });
    CHECK(refusal.reason() == Reason::MissingParameter);
    CHECK(refusal.field() == one.field);
}

TEST_CASE("B9: what a kind of NIC cannot have is refused, for libvirt would refuse or ignore it")
{
    struct Case {
        const char* field;
        std::function<void(NicRequest&)> ask;
        std::vector<NicKind> allowed;
    };
    using enum NicKind;
    const auto one = GENERATE(Case{"/mtu", [](auto& nic) { nic.mtu = 1400; }, {Bridge}},
        Case{"/filter", [](auto& nic) { nic.filter = "clean-traffic"; }, {Bridge}},
        Case{"/port_isolated", [](auto& nic) { nic.isolated = true; }, {Bridge}},
        Case{"/queues", [](auto& nic) { nic.queues = 4; }, {Bridge, Bridgeless, Vnlink}},
        Case{"/linkActive", [](auto& nic) { nic.linkUp = false; }, {Bridge, Bridgeless, Vnlink}},
        Case{"/specParams/inbound", [](auto& nic) { nic.inbound.average = 1; }, {Bridge, Bridgeless, Vnlink}},
        Case{"/specParams/outbound", [](auto& nic) { nic.outbound.average = 1; }, {Bridge, Bridgeless, Vnlink}});
    for (const auto kind : kinds) {
        CAPTURE(one.field, name(kind));
        auto nic = newNic(kind);
        one.ask(nic);
        if (std::ranges::find(one.allowed, kind) != one.allowed.end()) {
            CHECK_NOTHROW(plug(nic));
            continue;
        }
        const auto refusal = refusalOf([&] { plug(nic); });
        CHECK(refusal.reason() == Reason::InvalidParameter);
        CHECK(refusal.field() == one.field);
        CHECK_THAT(refusal.what(), Catch::Contains(std::string(name(kind))));
    }
}

TEST_CASE("B9: only virtio NICs have queues")
{
    const auto model = GENERATE(NicModel::Rtl8139, NicModel::E1000, NicModel::E1000e);
    auto nic = newNic(NicKind::Bridge);
    nic.queues = 2;
    CHECK_THAT(plug(nic).deviceXml, Catch::Contains("<driver queues=\"2\"/>"));
    nic.model = model;
    const auto refusal = refusalOf([&] { plug(nic); });
    CHECK(refusal.reason() == Reason::InvalidParameter);
    CHECK(refusal.field() == "/queues");
}

TEST_CASE("B9: a virtual function is passed through once")
{
    auto with = q35(4);
    auto& nic = addNic(with, "52:54:00:00:00:01", "ua-old");
    nic.virtualFunction = PciAddress{0, 3, 0x10, 1};
    nic.source = nic.virtualFunction->str();
    const auto refusal = refusalOf([&] { plug(newNic(NicKind::Sriov), persistent(with)); });
    CHECK(refusal.reason() == Reason::AlreadyPlugged);
    CHECK(refusal.field() == "/hostdev");
    CHECK(refusal.conflictsWith() == "ua-old");
    CHECK_NOTHROW(plug(newNic(NicKind::Bridge), persistent(with)));
}

TEST_CASE("P1: conventional NICs prefer the bridge for conventional cards, all others a root port")
{
    struct Case {
        NicKind kind;
        NicModel model;
        bool conventional;
    };
    const auto [kind, model, conventional] = GENERATE(Case{NicKind::Bridge, NicModel::Virtio, false},
        Case{NicKind::Bridge, NicModel::E1000e, false}, Case{NicKind::Bridge, NicModel::E1000, true},
        Case{NicKind::Bridgeless, NicModel::Rtl8139, true}, Case{NicKind::Sriov, NicModel::Rtl8139, false});
    auto with = q35(1);
    addController(with, "pci", "pcie-to-pci-bridge", 2);
    auto nic = newNic(kind);
    nic.model = model;
    CHECK(plug(nic, persistent(with)).address
        == Address(conventional ? PciAddress{.bus = 2, .slot = 1} : PciAddress{.bus = 1}));
}
