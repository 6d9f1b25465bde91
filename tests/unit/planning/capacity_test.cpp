#include "disk_request.h"
#include "planning/capacity.h"

#include <algorithm>

using namespace hotplug;
using namespace hotplug::test;

namespace {

std::vector<std::string> blocked(const Capacity& capacity, Reason reason)
{
    std::vector<std::string> names;
    for (const auto& blocker : capacity.blockers)
        if (blocker.reason == reason)
            names.push_back(blocker.of);
    return names;
}

std::string sentenceOf(const Capacity& capacity, Reason reason)
{
    const auto found = std::ranges::find(capacity.blockers, reason, &Blocker::reason);
    return found == capacity.blockers.end() ? "" : found->sentence;
}

using Names = std::vector<std::string>;

Domain down(const Definition& config)
{
    Domain domain;
    domain.config = config;
    return domain;
}

/// Every unit of a virtio-scsi controller but the last `left`.
void fillController(Definition& document, unsigned controller, unsigned left)
{
    for (unsigned place = 0; place + left < 256 * 256; ++place)
        occupy(document, DriveAddress{controller, 0, place / 256, place % 256}, "filler");
}

} // namespace

TEST_CASE("C3: a VM with room says how much of it, and nothing blocks")
{
    auto document = q35(4);
    addController(document, "sata", "", 0);
    fillPorts(document, 1, 1);
    addDisk(document, "sda", "scsi", "ua-s", DriveAddress{0, 0, 0, 0});
    addDisk(document, "sdb", "sata", "").address = DriveAddress{0, 0, 0, 1};
    const auto capacity = capacityOf(persistent(document));
    CHECK(capacity.virtioDisks == 3);
    CHECK(capacity.nics == 3);
    CHECK(capacity.scsiUnits == 65535);
    CHECK(capacity.sataUnits == 5);
    CHECK(capacity.ideUnits == 0);
    CHECK(capacity.blockers.empty());
    CHECK(capacity.counts() == Counts{{"virtioDisks", 3}, {"nics", 3}, {"scsiUnits", 65535}, {"sataUnits", 5},
        {"ideUnits", 0}});
}

TEST_CASE("C3: on pc the slots of pci.0 and its bridges count, the chipset's and the video card's do not")
{
    auto document = pc();
    CHECK(capacityOf(persistent(document)).virtioDisks == 28);
    addController(document, "pci", "pci-bridge", 1);
    occupy(document, PciAddress{.slot = 4}, "pci.1");
    CHECK(capacityOf(persistent(document)).virtioDisks == 27 + 31);
    CHECK(capacityOf(persistent(document)).ideUnits == 4);
}

TEST_CASE("C3: bridges of a q35 VM count for nothing that goes to root ports")
{
    auto document = q35(2);
    addController(document, "pci", "pcie-to-pci-bridge", 3);
    CHECK(capacityOf(persistent(document)).nics == 2);
}

TEST_CASE("C3: what is free counts only when it is in both documents, and what is transient in the one")
{
    auto live = q35(4), config = q35(3);
    fillPorts(live, 1, 1);
    fillPorts(config, 2, 2);
    config.controllers.front().model = "lsilogic";
    const auto both = capacityOf(running(live, config));
    CHECK(both.virtioDisks == 1);
    CHECK(both.scsiUnits == 0);
    CHECK(capacityOf(transient(live)).virtioDisks == 3);
    CHECK(capacityOf(transient(live)).scsiUnits == 65536);
}

TEST_CASE("C3: a disk of others beyond the units that we give takes none of them")
{
    auto document = q35(1);
    occupy(document, DriveAddress{0, 0, 0, 16640}, "foreign");
    CHECK(capacityOf(persistent(document)).scsiUnits == 65536);
}

TEST_CASE("C3: full ports block disks and NICs, with the fix")
{
    auto document = q35(2);
    fillPorts(document, 1, 2);
    const auto capacity = capacityOf(persistent(document));
    CHECK(blocked(capacity, Reason::NoFreePciPort) == Names{"virtioDisks", "nics"});
    CHECK_THAT(sentenceOf(capacity, Reason::NoFreePciPort),
        Catch::Contains("none of the VM's 2 pcie-root-ports is free") && Catch::Contains("restart it"));
    CHECK(capacity.blockers.size() == 2);
}

TEST_CASE("C3: a VM without a SCSI controller, or with none but full ones, blocks SCSI disks")
{
    auto document = q35(2);
    fillController(document, 0, 2);
    CHECK(capacityOf(persistent(document)).scsiUnits == 2);
    fillController(document, 0, 0);
    CHECK(blocked(capacityOf(persistent(document)), Reason::NoFreeScsiUnit) == Names{"scsiUnits"});
    std::erase_if(document.controllers, [](const auto& one) { return one.type == "scsi"; });
    const auto none = capacityOf(persistent(document));
    CHECK(none.scsiUnits == 0);
    CHECK(blocked(none, Reason::NoScsiController) == Names{"scsiUnits"});
    CHECK(none.blockers.size() == 1);
}

TEST_CASE("C3: full SATA and IDE controllers block, and a VM without any lacks nothing")
{
    auto document = q35(2);
    CHECK(capacityOf(persistent(document)).blockers.empty());
    addController(document, "ide", "", 0);
    for (unsigned place = 0; place < 4; ++place)
        addDisk(document, targetName("hd", place), "ide", "").address = DriveAddress{0, place / 2, 0, place % 2};
    CHECK(blocked(capacityOf(persistent(document)), Reason::NoFreeDriveUnit) == Names{"ideUnits"});
}

TEST_CASE("C3: a VM that is not Up counts what its definition holds, and says why nothing is plugged now")
{
    auto config = q35(4);
    fillPorts(config, 1, 1);
    const auto capacity = capacityOf(down(config));
    CHECK(capacity.virtioDisks == 3);
    CHECK(capacity.scsiUnits == 65536);
    CHECK(blocked(capacity, Reason::VmNotUp) == Names{"virtioDisks", "nics", "scsiUnits"});
    auto paused = persistent(config);
    paused.status = VmStatus::Paused;
    CHECK(capacityOf(paused).virtioDisks == 3);
    CHECK_THAT(sentenceOf(capacityOf(paused), Reason::VmNotUp), Catch::Contains("Paused"));
}

TEST_CASE("C3: unreadable records block every plug")
{
    auto domain = persistent(q35(4));
    domain.recordsProblem = "they are newer";
    const auto capacity = capacityOf(domain);
    CHECK(capacity.nics == 4);
    CHECK(blocked(capacity, Reason::RecordUnreadable) == Names{"virtioDisks", "nics", "scsiUnits"});
    CHECK(sentenceOf(capacity, Reason::RecordUnreadable) == "they are newer");
}

TEST_CASE("C3: a refusal for want of room carries what still fits")
{
    auto document = q35(2);
    fillPorts(document, 1, 2);
    const auto ports = refused(persistent(document), newDisk());
    CHECK(ports.reason() == Reason::NoFreePciPort);
    CHECK(ports.capacity() == capacityOf(persistent(document)).counts());
    CHECK(ports.capacity().at("scsiUnits") == 65536);
    std::erase_if(document.controllers, [](const auto& one) { return one.type == "scsi"; });
    const auto units = refused(persistent(document), newDisk(Bus::Scsi));
    CHECK(units.reason() == Reason::NoScsiController);
    CHECK(units.capacity().at("scsiUnits") == 0);
    CHECK(refused(persistent(document), newDisk(Bus::Sata)).capacity().empty());
}
