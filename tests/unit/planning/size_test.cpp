#include "planning/planning.h"
#include "vm.h"

#include <algorithm>
#include <chrono>
#include <iostream>

using namespace hotplug;
using namespace hotplug::test;

namespace {

Definition withDisks(unsigned count)
{
    auto document = q35(16);
    for (unsigned i = 0; i < count; ++i)
        addDisk(document, targetName("sd", i), "scsi", "ua-" + std::to_string(i), DriveAddress{0, 0, i / 256, i % 256})
            .serial = std::to_string(i);
    return document;
}

template<typename Action> auto medianMicroseconds(Action&& action)
{
    std::vector<std::chrono::microseconds::rep> took;
    for (int i = 0; i < 9; ++i) {
        const auto start = std::chrono::steady_clock::now();
        action();
        took.push_back(std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start).count());
    }
    std::ranges::nth_element(took, took.begin() + 4);
    return took[4];
}

} // namespace

TEST_CASE("A VM with 500 devices is planned as any other")
{
    const DiskFacts facts{fileSource("/srv/images/new.img"), {}};
    DiskRequest disk;
    disk.id = idOf("new");
    disk.source = ImagePath{facts.source.path};
    disk.bus = Bus::Scsi;
    for (const unsigned count : {125u, 250u, 500u}) {
        const auto domain = persistent(withDisks(count));
        const auto plan = planPlugDisk(domain, disk, facts, std::nullopt);
        CHECK(plan.address == Address(DriveAddress{0, 0, count / 256, count % 256}));
        CHECK(plan.target == targetName("sd", count));
        std::cout << "a plan beside " << count << " disks takes "
                  << medianMicroseconds([&] { planPlugDisk(domain, disk, facts, std::nullopt); }) << " us\n";
    }
}
