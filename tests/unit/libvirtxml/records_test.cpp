#include "support/catch.h"

#include "data.h"
#include "libvirtxml/domain.h"
#include "libvirtxml/upgrade_records.h"

#include <fmt/format.h>
#include <limits>
#include <pugixml.hpp>
#include <rapidcheck.h>

using namespace hotplug;
using namespace hotplug::test;

namespace {

DeviceRecord disk(const std::string& id)
{
    return {.id = *DeviceId::parse(id), .kind = DeviceKind::Disk, .plugged = true, .persist = true, .source = {},
        .serial = {}, .mac = {}, .address = {}};
}

/// A document of ours as libvirt gives it back: under the given prefix, its namespace named at the root.
std::string asMetadata(std::string xml, const std::string& prefix)
{
    const auto replaceAll = [&xml](const std::string& from, const std::string& to) {
        for (auto at = xml.find(from); at != std::string::npos; at = xml.find(from, at + to.size()))
            xml.replace(at, from.size(), to);
    };
    const auto colon = prefix.empty() ? "" : prefix + ":";
    replaceAll("<vm", "<" + colon + "vm xmlns" + (prefix.empty() ? "" : ":" + prefix) + "=\"urn:hotplugd:vm:1\"");
    replaceAll("</vm", "</" + colon + "vm");
    replaceAll("<device", "<" + colon + "device");
    return xml;
}

Domain withMetadata(const std::string& live, const std::string& config)
{
    return parseDomain(VmStatus::Running, domainAround("", live), domainAround("", config));
}

std::string records(std::uint64_t counter, const std::string& id)
{
    return asMetadata(printRecords({counter, {disk(id)}}), "hotplugd");
}

std::string damaged(const std::string& vmAttributes, const std::string& device = {})
{
    return "<hotplugd:vm xmlns:hotplugd='urn:hotplugd:vm:1' " + vmAttributes + ">" + device + "</hotplugd:vm>";
}

std::string drawText()
{
    const auto piece = rc::gen::element<std::string>("a", "/", "-", " ", "  ", "<", ">", "&", "\"", "'", "]]>", "&amp;", "<!--",
        "\xc3\xa4", "\xf0\x9f\x92\xbe", "%s", "\t", "\n");
    std::string text;
    for (const auto& one : *rc::gen::container<std::vector<std::string>>(piece))
        text += one;
    return text;
}

DeviceRecord drawRecord(int number)
{
    const auto letter = rc::gen::element('a', 'Z', '0', '_', '-');
    const auto id = *rc::gen::suchThat(rc::gen::container<std::string>(letter),
        [](const std::string& text) { return DeviceId::parse("00" + text).has_value(); });
    auto record = disk(std::to_string(number) + id);    // no two of a document are alike
    record.kind = *rc::gen::element(DeviceKind::Disk, DeviceKind::Nic);
    record.plugged = *rc::gen::arbitrary<bool>();
    record.persist = *rc::gen::arbitrary<bool>();
    record.source = drawText();
    record.serial = drawText();
    record.mac = drawText();
    record.address = drawText();
    return record;
}

} // namespace

TEST_CASE("A9: records that libvirt gave back are read whole")
{
    const auto domain = parseDomain(VmStatus::Running, readDocument("q35-live.xml"), readDocument("q35-config.xml"));
    CHECK(domain.recordsProblem.empty());
    CHECK(domain.records.counter == 17);
    REQUIRE(domain.records.devices.size() == 2);
    auto root = disk("root");
    root.source = "/srv/images/top.qcow2";
    root.serial = "root-disk";
    root.address = "0000:01:00.0";
    CHECK(domain.records.devices.at(0) == root);
    CHECK(domain.records.devices.at(1).kind == DeviceKind::Nic);
    CHECK(domain.records.devices.at(1).mac == "52:54:00:11:22:33");
    CHECK(domain.records.devices.at(1).address.empty());
}

TEST_CASE("A9: what was written is what is read, whatever stands in it")
{
    const bool held = rc::check([] {
        VmRecord written;
        written.counter = *rc::gen::arbitrary<std::uint64_t>();
        const auto count = *rc::gen::inRange(0, 5);
        for (int i = 0; i < count; ++i)
            written.devices.push_back(drawRecord(i));
        const auto prefix = *rc::gen::element<std::string>("hotplugd", "x", "");
        const auto domain = withMetadata(asMetadata(printRecords(written), prefix), "");
        RC_ASSERT(domain.recordsProblem.empty());
        RC_ASSERT(domain.records == written);
    });
    CHECK(held);
}

TEST_CASE("A9: the largest counter survives")
{
    constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
    CHECK(withMetadata(records(largest, "a"), "").records.counter == largest);
}

TEST_CASE("A VM without records has none, and no problem with it")
{
    for (const auto* metadata : {"", "<o:vm xmlns:o='http://ovirt.org/vm/1.0' version='9'><o:device id='x'/></o:vm>",
             "<hotplugd:vm xmlns:hotplugd='urn:somebody-else' version='7'/>", "<!-- urn:hotplugd:vm:1 -->"}) {
        CAPTURE(metadata);
        const auto domain = withMetadata(metadata, metadata);
        CHECK(domain.records == VmRecord());
        CHECK(domain.recordsProblem.empty());
    }
}

TEST_CASE("Others' metadata beside ours does not disturb")
{
    const auto domain = withMetadata("<o:vm xmlns:o='http://ovirt.org/vm/1.0'><o:x/></o:vm>" + records(3, "a")
            + "<p:app xmlns:p='urn:else'/>", "");
    CHECK(domain.records.counter == 3);
    CHECK(domain.records.devices.size() == 1);
}

TEST_CASE("Of the live and the persistent records the higher counter wins, the live ones at a draw")
{
    struct Case {
        std::string live, config;
        const char* expected;
    };
    const auto one = GENERATE(Case{records(5, "live"), records(4, "config"), "live"},
        Case{records(4, "live"), records(5, "config"), "config"}, Case{records(5, "live"), records(5, "config"), "live"},
        Case{"", records(1, "config"), "config"}, Case{records(1, "live"), "", "live"},
        Case{records(0, "live"), records(0, "config"), "live"});
    CAPTURE(one.live, one.config);
    const auto domain = withMetadata(one.live, one.config);
    REQUIRE(domain.records.devices.size() == 1);
    CHECK(domain.records.devices.front().id.str() == one.expected);
}

TEST_CASE("A9: records of a newer version are refused, not damaged")
{
    for (const auto* version : {"2", "17", "18446744073709551615"}) {
        CAPTURE(version);
        const auto newer = damaged("version='" + std::string(version) + "' counter='1'", "<hotplugd:gadget/>");
        CHECK_THAT(withMetadata(newer, "").recordsProblem, Catch::Contains("newer than 1"));
        CHECK_THAT(withMetadata("", newer).recordsProblem, Catch::Contains("newer than 1"));
        CHECK_FALSE(withMetadata(newer, records(9, "a")).recordsProblem.empty());
    }
}

TEST_CASE("A9: damaged records are told, never guessed")
{
    const auto document = GENERATE(damaged(""), damaged("version='1'"), damaged("version='1' counter=''"),
        damaged("version='1' counter='-1'"), damaged("version='1' counter='1x'"), damaged("version='x' counter='1'"),
        damaged("version='1' counter='18446744073709551616'"), damaged("version='0' counter='1'"),
        damaged("version='1x' counter='1'"), damaged("version='-1' counter='1'"),
        damaged("version='18446744073709551616' counter='1'"),
        damaged("version='1' counter='1'", "<hotplugd:device/>"),
        damaged("version='1' counter='1'", "<hotplugd:device id='a' kind='gadget' plugged='yes' persist='yes'/>"),
        damaged("version='1' counter='1'", "<hotplugd:device id='a.b' kind='disk' plugged='yes' persist='yes'/>"),
        damaged("version='1' counter='1'", "<hotplugd:device id='a' kind='disk' plugged='maybe' persist='yes'/>"),
        damaged("version='1' counter='1'", "<hotplugd:device id='a' kind='disk' plugged='yes'/>"),
        damaged("version='1' counter='1'", "<hotplugd:device id='a' kind='disk' plugged='yes' persist='yes'/>"
            "<hotplugd:device id='a' kind='nic' plugged='no' persist='no'/>"),
        records(3, "a") + records(4, "b"), damaged("version='1' counter='1'") + damaged("version='9'"));
    CAPTURE(document);
    const auto domain = withMetadata(document, "");
    CHECK_THAT(domain.recordsProblem, Catch::Contains("damaged"));
    CHECK(domain.records == VmRecord());
}

TEST_CASE("A9: each document's own records are known, beside those that win")
{
    const auto domain = withMetadata(records(4, "live"), records(5, "config"));
    CHECK(domain.liveRecords->counter == 4);
    CHECK(domain.configRecords->counter == 5);
    CHECK(domain.records == *domain.configRecords);
    const auto without = withMetadata("", records(5, "config"));
    CHECK_FALSE(without.liveRecords);
    CHECK(without.records.counter == 5);
}

TEST_CASE("A9: a counter stops at the largest, which no older copy outdoes")
{
    VmRecord largest, second;
    largest.counter = std::numeric_limits<std::uint64_t>::max();
    second.counter = largest.counter - 1;
    CHECK(largest.nextCounter() == largest.counter);
    CHECK(second.nextCounter() == largest.counter);
    CHECK(VmRecord().nextCounter() == 1);
}

TEST_CASE("A9: records of ten thousand devices are read and written whole")
{
    VmRecord many{.counter = 1, .devices = {}};
    for (int i = 0; i < 10'000; ++i)
        many.devices.push_back(disk(fmt::format("disk-{}", i)));
    CHECK(withMetadata(asMetadata(printRecords(many), "hotplugd"), "").records == many);
}

TEST_CASE("A9: records of an older version are upgraded step by step, from theirs on")
{
    // There is only one version so far: the steps are the test's.
    const auto note = [](pugi::xml_node vm, const char* step) {
        vm.attribute("steps") = (std::string(vm.attribute("steps").value()) + step).c_str();
    };
    static const auto noteStep = note;
    const UpgradeStep steps[] = {[](pugi::xml_node vm) { noteStep(vm, "1>2 "); },
        [](pugi::xml_node vm) { noteStep(vm, "2>3 "); }, [](pugi::xml_node vm) { noteStep(vm, "3>4 "); }};
    struct Case {
        std::uint64_t version;
        const char* expected;
    };
    const auto one = GENERATE(Case{1, "1>2 2>3 3>4 "}, Case{2, "2>3 3>4 "}, Case{3, "3>4 "}, Case{4, ""});
    pugi::xml_document document;
    auto vm = document.append_child("vm");
    vm.append_attribute("steps");
    upgradeRecords(vm, one.version, steps);
    CHECK(vm.attribute("steps").value() == std::string(one.expected));
}
