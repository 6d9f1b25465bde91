// Our own cost of the steps around libvirt's calls: medians of many runs, printed as one table.

#include "base/clock.h"
#include "journal/journal.h"
#include "libvirtxml/device_xml.h"
#include "planning/planning.h"
#include "support/sample_vm.h"
#include "wire/vdsm/dictionary.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <functional>
#include <json/reader.h>
#include <memory>
#include <vector>

using namespace hotplug;

namespace {

double medianMicroseconds(unsigned rounds, const std::function<void()>& step)
{
    std::vector<double> times;
    for (unsigned i = 0; i < rounds; ++i) {
        const auto began = Clock::now();
        step();
        times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - began).count());
    }
    std::ranges::nth_element(times, times.begin() + rounds / 2);
    return times[rounds / 2];
}

void row(const std::string& what, double microseconds, const std::string& budget)
{
    fmt::print("{:<44} {:>10.1f} us   {}\n", what, microseconds, budget);
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

const HostSource source{"/images/a.qcow2", DiskFormat::Qcow2, {"/images/a.qcow2"}, 1 << 20};

void dictionaryToXml()
{
    const auto value = drive();
    const DiskPlacement placement{Alias("ua-a"), PciAddress{.bus = 3}, "vdb", "data-1", source};
    row("dictionary -> XML", medianMicroseconds(2000, [&] {
        wire::Warnings warnings;
        printDisk(wire::readDrive(value, warnings), placement);
    }), "budget 5");
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

void plans()
{
    wire::Warnings warnings;
    auto request = wire::readDrive(drive(), warnings);
    request.bus = Bus::Scsi;
    for (const unsigned disks : {10u, 100u, 500u}) {
        const auto domain = vmWith(disks);
        row(fmt::format("plan beside {} disks", disks),
            medianMicroseconds(200, [&] { planPlugDisk(domain, request, source, std::nullopt); }),
            disks == 500 ? "budget 1000" : "");
    }
}

void journal()
{
    auto pattern = (std::filesystem::temp_directory_path() / "hotplugd-bench.XXXXXX").string();
    if (!mkdtemp(pattern.data()))
        throw std::runtime_error("no temporary folder");
    {
        const auto journal = openJournal(pattern);
        JournalEntry entry;
        entry.verb = "hotplugDisk";
        wire::Warnings warnings;
        entry.plan = planPlugDisk(vmWith(1), wire::readDrive(drive(), warnings), source, std::nullopt);
        row("journal: open and settle", medianMicroseconds(1000, [&] {
            entry.id = Uuid::random();
            journal->open(entry);
            journal->settle(entry.id, Outcome::Done, std::nullopt, {});
        }), "");
    }
    std::filesystem::remove_all(pattern);
}

} // namespace

int main()
{
    dictionaryToXml();
    plans();
    journal();
}
