#pragma once

#include "journal/journal.h"
#include "support/catch.h"
#include "unit/storage/temp_directory.h"

namespace hotplug::test {

inline DeviceId deviceId(const std::string& text)
{
    return DeviceId::parse(text).value();
}

/// A plan that uses every field.
inline Plan diskPlan()
{
    Plan plan;
    plan.vm = Uuid::random();
    plan.goal = Goal::Plug;
    plan.kind = DeviceKind::Disk;
    plan.device = deviceId("disk-1");
    plan.alias = Alias::of(*plan.device);
    plan.deviceXml = "<disk type='file'>\n\t<source file='/images/\xc3\xa4 \"b\" &amp; \\.img'/>\n</disk>\n";
    plan.address = PciAddress{1, 5, 31, 7};
    plan.target = "vdb";
    plan.persist = true;
    plan.record = DeviceRecord{
        *plan.device, DeviceKind::Disk, false, true, "/images/\xc3\xa4.img", "SERIAL", "", "0000:05:00.0"};
    plan.configTwin = "<disk/>";
    return plan;
}

inline JournalEntry entry(const std::string& verb = "hotplugDisk")
{
    JournalEntry one;
    one.id = Uuid::random();
    one.verb = verb;
    one.intent.plans = {diskPlan()};
    one.uid = 4294967294;
    one.pid = 4321;
    one.opened = std::chrono::system_clock::time_point(std::chrono::milliseconds(1'700'000'000'123));
    return one;
}

/// Of several devices of one VM.
inline JournalEntry entryOf(const Uuid& vm, std::initializer_list<const char*> devices)
{
    auto one = entry();
    const auto plan = one.intent.plans.front();
    one.intent.plans.clear();
    for (const auto* device : devices) {
        auto& next = one.intent.plans.emplace_back(plan);
        next.vm = vm;
        next.device = deviceId(device);
        next.alias = Alias::of(*next.device);
    }
    return one;
}

inline void checkSame(const JournalEntry& found, const JournalEntry& expected)
{
    CHECK(found.id == expected.id);
    CHECK(found.verb == expected.verb);
    CHECK(found.intent == expected.intent);
    CHECK(found.uid == expected.uid);
    CHECK(found.pid == expected.pid);
    CHECK(found.opened == expected.opened);
    CHECK(found.outcome == expected.outcome);
    CHECK(found.reason == expected.reason);
    CHECK(found.sentence == expected.sentence);
}

/// What openJournal() says about a directory; empty: it opens.
inline std::string problemOf(const std::filesystem::path& directory)
{
    try {
        openJournal(directory);
        return "";
    } catch (const JournalError& error) {
        return error.what();
    }
}

} // namespace hotplug::test
