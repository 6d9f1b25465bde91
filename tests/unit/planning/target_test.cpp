#include "planning/planning.h"
#include "vm.h"

using namespace hotplug;
using namespace hotplug::test;

TEST_CASE("A3: the first free target of the bus is chosen, in both documents")
{
    auto live = q35(1), config = q35(1);
    CHECK(chooseTarget(persistent(live), Bus::Virtio, std::nullopt) == "vda");
    CHECK(chooseTarget(persistent(live), Bus::Scsi, std::nullopt) == "sda");
    addDisk(live, "vda", "virtio", "");
    addDisk(config, "vdb", "virtio", "");
    CHECK(chooseTarget(running(live, config), Bus::Virtio, std::nullopt) == "vdc");
    CHECK(chooseTarget(running(live, config), Bus::Scsi, std::nullopt) == "sda");
}

TEST_CASE("A3: SATA and SCSI disks share their targets' names")
{
    auto document = q35(1);
    addDisk(document, "sda", "sata", "");
    CHECK(chooseTarget(persistent(document), Bus::Scsi, std::nullopt) == "sdb");
}

TEST_CASE("A3: the index gives the preferred target when it is free")
{
    struct Case {
        unsigned index;
        const char* expected;
    };
    const auto [index, expected] = GENERATE(Case{0, "vda"}, Case{1, "vdc"}, Case{2, "vdc"}, Case{25, "vdz"}, Case{26, "vdaa"},
        Case{701, "vdzz"}, Case{702, "vdaaa"});
    CAPTURE(index);
    auto document = q35(1);
    addDisk(document, "vdb", "virtio", "");
    if (index == 1)
        addDisk(document, "vda", "virtio", "");
    CHECK(chooseTarget(persistent(document), Bus::Virtio, index) == expected);
}

TEST_CASE("A3: holes among many targets are found")
{
    auto document = q35(1);
    for (unsigned i = 0; i < 100; ++i)
        if (i != 61)
            addDisk(document, targetName("vd", i), "virtio", "");
    CHECK(chooseTarget(persistent(document), Bus::Virtio, 5) == targetName("vd", 61));
}
