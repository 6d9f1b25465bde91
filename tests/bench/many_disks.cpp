// Forty SCSI disks on one controller, one after the other.

#include "bench/guest_vm.h"
#include "bench/here.h"
#include "bench/table.h"
#include "support/catch.h"
#include "support/images.h"

#include <fmt/format.h>

using namespace hotplug;
using namespace hotplug::bench;

namespace {

constexpr unsigned howMany = 40;
constexpr double plugRatio = 1.10, unplugRatio = 1.05;

struct Side {
    Durations plug, unplug;
};

class FortyDisks {
public:
    FortyDisks()
    {
        vm_.boot();
        for (unsigned i = 0; i < howMany; ++i) {
            const auto name = fmt::format("s{}", i);
            const auto image = test::makeRaw(here_.host.imageRoot() / (name + ".scsi.img"), 1);
            devices_.push_back(diskDevice(vm_.id(), name, image, "scsi"));
        }
    }

    /// Also learns what libvirt is to be told: each plan depends on the disks before it.
    void ours()
    {
        xml_.clear();
        Duration plugs{0};
        for (const auto& device : devices_) {
            xml_.push_back(device.xml(here_.client));
            plugs += timeOf([&] { here_.client.must(device.plugVerb, device.plug); });
        }
        ours_.plug.push_back(plugs);
        vm_.rest();
        ours_.unplug.push_back(timeOf([&] {
            for (const auto& device : devices_)
                here_.client.must(device.unplugVerb, device.unplug);
        }));
        vm_.rest();
    }

    void bare()
    {
        bare_.plug.push_back(timeOf([&] {
            for (const auto& xml : xml_)
                here_.bare.plug(vm_.domain(), xml);
        }));
        vm_.rest();
        bare_.unplug.push_back(timeOf([&] {
            for (const auto& device : devices_)
                here_.bare.unplug(vm_.domain(), device.alias);
        }));
        vm_.rest();
    }

    void report() const
    {
        table().compare(fmt::format("plug {} SCSI disks", howMany), median(ours_.plug), median(bare_.plug), plugRatio);
        table().compare(fmt::format("unplug {} SCSI disks", howMany), median(ours_.unplug), median(bare_.unplug),
            unplugRatio);
    }

private:
    Here& here_ = here();
    GuestVm vm_{here_.bare, here_.host};
    std::vector<Device> devices_;
    std::vector<std::string> xml_;
    Side ours_, bare_;
};

} // namespace

TEST_CASE("forty SCSI disks come and go")
{
    FortyDisks disks;
    for (unsigned i = 0; i < rounds(10); ++i) {
        disks.ours();
        disks.bare();
    }
    disks.report();
}
