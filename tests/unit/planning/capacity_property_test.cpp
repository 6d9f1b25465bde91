#include "disk_request.h"
#include "planning/capacity.h"

#include <rapidcheck.h>

using namespace hotplug;
using namespace hotplug::test;

namespace {

bool oneIn(int n)
{
    return *rc::gen::inRange(0, n) == 0;
}

void drawBuses(Definition& document)
{
    const auto buses = *rc::gen::inRange(0u, 10u);
    for (unsigned bus = 1; bus <= buses; ++bus) {
        const auto model = *rc::gen::element<std::string>("pcie-root-port", "pcie-root-port", "pcie-root-port",
            "pcie-switch-downstream-port", "pci-bridge", "pcie-to-pci-bridge", "dmi-to-pci-bridge");
        addController(document, "pci", model, bus).hotplug = !oneIn(6);
    }
}

void drawOccupants(Definition& document)
{
    const auto count = *rc::gen::element(0u, 4u, 12u);
    for (unsigned i = 0; i < count; ++i)
        occupy(document, PciAddress{oneIn(20), *rc::gen::inRange(0u, 10u), *rc::gen::element(0u, 0u, 1u, 2u, 9u, 31u), oneIn(8)},
            "somebody");
    const auto units = *rc::gen::inRange(0u, 300u);
    for (unsigned i = 0; i < units; ++i)
        occupy(document, DriveAddress{oneIn(3), oneIn(30), i / 256, *rc::gen::element(i, i % 256)}, "somebody");
}

/// Documents that differ in a few places, as after a change with persist:false or by hand.
Domain drawDomain()
{
    auto live = oneIn(4) ? pc() : q35(0);
    drawBuses(live);
    if (oneIn(4))
        std::erase_if(live.controllers, [](const auto& one) { return one.type == "scsi"; });
    else if (oneIn(2))
        addController(live, "scsi", *rc::gen::element<std::string>("virtio-scsi", "lsilogic"), 1);
    auto config = live;
    if (oneIn(2) && !config.controllers.empty())
        config.controllers.pop_back();
    drawOccupants(live);
    drawOccupants(config);
    return oneIn(5) ? transient(live) : running(live, config);
}

enum class What { VirtioDisk, ScsiDisk, Nic };

unsigned countOf(const Domain& domain, What what)
{
    const auto capacity = capacityOf(domain);
    switch (what) {
    case What::VirtioDisk: return capacity.virtioDisks;
    case What::ScsiDisk: return capacity.scsiUnits;
    case What::Nic: break;
    }
    return capacity.nics;
}

Plan planOf(const Domain& domain, What what, unsigned number)
{
    const auto text = "n" + std::to_string(number);
    if (what == What::Nic) {
        NicRequest nic;
        nic.id = idOf(text);
        nic.network = "blue";
        return planPlugNic(domain, nic, std::nullopt);
    }
    auto disk = newDisk(what == What::ScsiDisk ? Bus::Scsi : Bus::Virtio);
    disk.id = idOf(text);
    return plug(domain, disk, fileSource("/srv/images/" + text));
}

bool blocks(const Domain& domain, Reason reason)
{
    for (const auto& blocker : capacityOf(domain).blockers)
        if (blocker.reason == reason)
            return true;
    return false;
}

} // namespace

TEST_CASE("C3: as many devices fit as capacity says, one after the other, and then none")
{
    const bool held = rc::check([] {
        constexpr unsigned most = 10;           // of the 65536 that there may be
        auto domain = drawDomain();
        const auto what = *rc::gen::element(What::VirtioDisk, What::ScsiDisk, What::Nic);
        const auto room = countOf(domain, what);
        RC_TAG(room == 0 ? "no room" : room <= most ? "filled" : "plenty");
        for (unsigned number = 0; number < std::min(room, most); ++number) {
            const auto plan = planOf(domain, what, number);
            addDevice(domain, plan.deviceXml, plan.persist);
            RC_ASSERT(countOf(domain, what) == room - number - 1);
        }
        if (room > most)
            return;
        const auto refusal = refusalOf([&] { planOf(domain, what, most); });
        RC_ASSERT(!refusal.capacity().empty());
        RC_ASSERT(blocks(domain, refusal.reason()));
    });
    CHECK(held);
}
