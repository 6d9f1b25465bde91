// Our own cost of the steps around libvirt's calls.

#include "bench/table.h"
#include "journal/journal.h"
#include "libvirtxml/device_xml.h"
#include "planning/planning.h"
#include "support/catch.h"
#include "support/sample_vm.h"
#include "support/temp_dir.h"
#include "wire/vdsm/dictionary.h"

#include <fmt/format.h>
#include <json/reader.h>
#include <memory>

using namespace hotplug;
using namespace hotplug::bench;

namespace {

Duration medianOf(unsigned times, const std::function<void()>& step)
{
    Durations all;
    for (unsigned i = 0; i < times; ++i)
        all.push_back(timeOf(step));
    return median(all);
}

Json::Value drive()
{
    Json::Value value;
    std::string problems;
    const std::string text = R"({"type":"disk","device":"disk","iface":"virtio","format":"cow","index":"3",
        "propagateErrors":"off","shared":"False","path":"/images/a.qcow2","serial":"data-1","cache":"none"})";
    const std::unique_ptr<Json::CharReader> reader(Json::CharReaderBuilder().newCharReader());
    if (!reader->parse(text.data(), text.data() + text.size(), &value, &problems))
        throw std::runtime_error(problems);
    return value;
}

HostSource source()
{
    HostSource found;
    found.path = "/images/a.qcow2";
    found.names = {found.path};
    return found;
}

void dictionaryToXml()
{
    const auto value = drive();
    const DiskPlacement placement{Alias("ua-a"), PciAddress{.bus = 3}, "vdb", "data-1", source()};
    table().time("dictionary -> XML", medianOf(2000, [&] {
        wire::Warnings warnings;
        printDisk(wire::readDrive(value, warnings), placement);
    }), Duration(5));
}

/// A VM with that many SCSI disks, live and persistent.
Domain vmWith(unsigned disks)
{
    const auto xml = test::sampleVm(Uuid::random(), "bench", 4);
    auto domain = parseDomain(VmStatus::Running, xml, xml);
    for (unsigned i = 0; i < disks; ++i) {
        DomainDisk disk;
        disk.device = "disk";
        disk.bus = "scsi";
        disk.target = targetName("sd", i);
        disk.sources = {fmt::format("/images/{}", i)};
        disk.serial = fmt::format("serial-{}", i);
        disk.alias = Alias(fmt::format("ua-{}", i));
        disk.address = DriveAddress{0, 0, i / 256, i % 256};
        domain.live->disks.push_back(disk);
        domain.config->disks.push_back(disk);
    }
    return domain;
}

Duration planBeside(unsigned disks)
{
    wire::Warnings warnings;
    auto request = wire::readDrive(drive(), warnings);
    request.bus = Bus::Scsi;
    const auto domain = vmWith(disks);
    const DiskFacts facts{source(), {}};
    return medianOf(200, [&] { planPlugDisk(domain, request, facts, std::nullopt); });
}

void plans()
{
    constexpr double linear = 5 * 1.2;              // five times the devices, and some noise
    const auto few = planBeside(10), many = planBeside(100), most = planBeside(500);
    table().time("plan beside 10 disks", few);
    table().time("plan beside 100 disks", many);
    table().time("plan beside 500 disks", most, Duration(1000));
    table().amount("  growth from 100 to 500", most / many, "times", linear);
}

void journal()
{
    const test::TempDir folder;
    const auto journal = openJournal(folder.path());
    JournalEntry entry;
    entry.verb = "hotplugDisk";
    wire::Warnings warnings;
    entry.intent.plans = {planPlugDisk(vmWith(1), wire::readDrive(drive(), warnings), {source(), {}}, std::nullopt)};
    table().time("journal: open and settle", medianOf(1000, [&] {
        entry.id = Uuid::random();
        journal->open(entry);
        journal->settle(entry.id, Outcome::Done, std::nullopt, {});
    }));
}

} // namespace

TEST_CASE("the steps around libvirt's calls")
{
    dictionaryToXml();
    plans();
    journal();
}
