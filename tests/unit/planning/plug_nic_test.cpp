#include "planning/planning.h"
#include "vm.h"

using namespace hotplug;
using namespace hotplug::test;

namespace {

NicRequest newNic()
{
    NicRequest nic;
    nic.id = idOf("new");
    nic.network = "blue";
    nic.mac = macOf("52:54:00:00:00:99");
    return nic;
}

Plan plug(const Domain& domain, const NicRequest& nic)
{
    return planPlugNic(domain, nic, std::nullopt);
}

Refusal refused(const Domain& domain, const NicRequest& nic)
{
    return refusalOf([&] { plug(domain, nic); });
}

DomainNic planned(const Plan& plan)
{
    const auto document = parseDefinition("<domain><uuid>" + plan.vm.str() + "</uuid><devices>" + plan.deviceXml
        + "</devices></domain>");
    return document.nics.at(0);
}

} // namespace

TEST_CASE("B9: the plan of a NIC says all that acting needs")
{
    auto document = q35(4);
    fillPorts(document, 1, 2);
    const auto plan = plug(persistent(document), newNic());
    CHECK(plan.vm == document.uuid);
    CHECK(plan.goal == Goal::Plug);
    CHECK(plan.kind == DeviceKind::Nic);
    CHECK(plan.device == idOf("new"));
    CHECK(plan.alias.str() == "ua-new");
    CHECK(plan.address == Address(PciAddress{.bus = 3}));
    CHECK(plan.target.empty());
    CHECK(plan.persist);
    const auto nic = planned(plan);
    CHECK(nic.type == "bridge");
    CHECK(nic.source == "blue");
    CHECK(nic.mac == macOf("52:54:00:00:00:99"));
    CHECK(nic.alias == plan.alias);
    CHECK(nic.address == plan.address);
    REQUIRE(plan.record);
    CHECK(*plan.record == DeviceRecord{.id = idOf("new"), .kind = DeviceKind::Nic, .plugged = true, .persist = true,
        .source = "blue", .serial = {}, .mac = "52:54:00:00:00:99", .address = "0000:03:00.0"});
}

TEST_CASE("B9: NICs of every model go into a root port, conventional ones too")
{
    const auto model = GENERATE(NicModel::Virtio, NicModel::Rtl8139, NicModel::E1000, NicModel::E1000e);
    auto nic = newNic();
    nic.model = model;
    const auto plan = plug(persistent(q35(1)), nic);
    CHECK(planned(plan).model == name(model));
    CHECK(plan.address == Address(PciAddress{.bus = 1}));
}

TEST_CASE("B9: a NIC without a MAC address gets one, and its id comes from its MAC")
{
    auto nic = newNic();
    nic.id.reset();
    const auto domain = persistent(q35(4));
    CHECK(plug(domain, nic).device == DeviceId::derive(domain.live->uuid, "52:54:00:00:00:99"));
    nic.mac.reset();
    const auto plan = plug(domain, nic);
    const auto drawn = planned(plan).mac;
    REQUIRE(drawn);
    CHECK(plan.record->mac == drawn->str());
    CHECK(plan.device == DeviceId::derive(domain.live->uuid, drawn->str()));
    CHECK(planned(plug(domain, nic)).mac != drawn);
}

TEST_CASE("B9: a MAC address that another NIC of the VM has is refused")
{
    struct Case {
        const char *alias, *holder;
    };
    const auto [alias, holder] = GENERATE(Case{"net0", "net0"}, Case{"", "52:54:00:00:00:99"});
    auto with = q35(4);
    addNic(with, "52:54:00:00:00:99", alias);
    for (const auto& domain : {running(with, q35(4)), running(q35(4), with)}) {
        const auto refusal = refused(domain, newNic());
        CHECK(refusal.reason() == Reason::MacDuplicate);
        CHECK(refusal.field() == "/macAddr");
        CHECK(refusal.conflictsWith() == holder);
    }
}

TEST_CASE("B9: a NIC whose id another device has is refused")
{
    auto with = q35(4);
    addNic(with, "52:54:00:00:00:01", "ua-new");
    const auto refusal = refused(persistent(with), newNic());
    CHECK(refusal.reason() == Reason::AlreadyPlugged);
    CHECK(refusal.field() == "/deviceId");
    CHECK(refusal.conflictsWith() == "ua-new");
}

TEST_CASE("B9: a NIC's boot order is its own in the VM")
{
    auto with = q35(4);
    addDisk(with, "vda", "virtio", "ua-root").bootOrder = 1;
    auto nic = newNic();
    nic.bootOrder = 1;
    CHECK(refused(persistent(with), nic).reason() == Reason::BootOrderInUse);
    nic.bootOrder = 2;
    CHECK(planned(plug(persistent(with), nic)).bootOrder == 2u);
    with.bootDevices = true;
    CHECK(refused(persistent(with), nic).reason() == Reason::BootOrderUnsupported);
}

TEST_CASE("A5: a NIC's address is checked as a disk's")
{
    auto with = q35(2);
    addDisk(with, "vda", "virtio", "ua-root", PciAddress{.bus = 1});
    auto nic = newNic();
    nic.address = PciAddress{.bus = 2};
    CHECK(plug(persistent(with), nic).address == Address(PciAddress{.bus = 2}));
    nic.address = PciAddress{.bus = 1};
    CHECK(refused(persistent(with), nic).conflictsWith() == "ua-root");
    nic.address = DriveAddress{};
    CHECK(refused(persistent(with), nic).reason() == Reason::InvalidParameter);
    fillPorts(with, 2, 2);
    nic.address.reset();
    CHECK(refused(persistent(with), nic).reason() == Reason::NoFreePciPort);
}
