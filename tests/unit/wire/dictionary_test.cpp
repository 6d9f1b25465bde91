#include "unit/wire/reading.h"

#include "support/catch.h"
#include "wire/vdsm/values.h"

#include <limits>
#include <string>

using namespace hotplug;
using namespace hotplug::test;
using namespace hotplug::wire;

TEST_CASE("A3: flags come as VDSM writes them")
{
    struct Case { std::string json; std::optional<bool> value; };
    const auto one = GENERATE(values<Case>({{"true", true}, {"\"True\"", true}, {"\"TRUE\"", true}, {"\"1\"", true}, {"1", true},
        {"false", false}, {"\"False\"", false}, {"\"0\"", false}, {"0", false}, {"\"yes\"", std::nullopt}, {"2", std::nullopt},
        {"1.5", std::nullopt}, {"\"\"", std::nullopt}, {"null", std::nullopt}, {"[]", std::nullopt}, {"-1", std::nullopt},
        {"99999999999999999999", std::nullopt}}));
    CAPTURE(one.json);
    CHECK(parseFlag(parseShielded(one.json)) == one.value);
}

TEST_CASE("A3: numbers come as VDSM writes them")
{
    struct Case { std::string json; std::optional<std::uint64_t> value; };
    const auto one = GENERATE(values<Case>({{"3", 3U}, {"\"3\"", 3U}, {"\"0x0c\"", 12U}, {"\"0X0C\"", 12U}, {"0", 0U}, {"\"0\"", 0U},
        {"18446744073709551615", std::numeric_limits<std::uint64_t>::max()},
        {"\"18446744073709551616\"", std::nullopt}, {"99999999999999999999", std::nullopt}, {"-1", std::nullopt}, {"\"-1\"", std::nullopt},
        {"\"+1\"", std::nullopt}, {"\" 1\"", std::nullopt}, {"\"010\"", std::nullopt}, {"\"0x\"", std::nullopt}, {"\"1x\"", std::nullopt},
        {"\"\"", std::nullopt}, {"true", std::nullopt}, {"1.5", std::nullopt}, {"null", std::nullopt}, {"\"1e3\"", std::nullopt}}));
    CAPTURE(one.json);
    CHECK(parseNumber(parseShielded(one.json)) == one.value);
}

TEST_CASE("A3: a disk of nothing but path and format has VDSM's defaults")
{
    const auto plain = disk("");
    CHECK(plain.source == SourceRef(ImagePath{"/a"}));
    CHECK(plain.format == DiskFormat::Raw);
    CHECK(plain.bus == Bus::Virtio);
    CHECK_FALSE(plain.shared);
    CHECK_FALSE(plain.readonly);
    CHECK_FALSE(plain.optional);
    CHECK(plain.device == DiskDevice::Disk);
    CHECK_FALSE((plain.id || plain.index || plain.address || plain.bootOrder || plain.errorPolicy || plain.cache || plain.discard || plain.serial));
    CHECK(plain.ioTune == IoTune());
}

TEST_CASE("A3: every key of a disk is understood, strings where VDSM sends strings")
{
    Warnings warnings;
    const auto full = drive(R"("type":"disk","device":"disk","index":"26","iface":"scsi","format":"cow","path":"/b",
        "address":{"type":"drive","controller":"0","bus":"0","target":"0","unit":"3"},"bootOrder":"2","propagateErrors":"report",
        "shared":"True","optional":"true","readonly":true,"serial":"abc","cache":"directsync","discard":"unmap","deviceId":"d-1",
        "specParams":{"ioTune":{"total_bytes_sec":"1048576","read_iops_sec":5000000000}})", warnings);
    CHECK(full.bus == Bus::Scsi);
    CHECK(full.format == DiskFormat::Qcow2);
    CHECK(full.index == 26U);
    CHECK(full.address == Address(DriveAddress{0, 0, 0, 3}));
    CHECK(full.bootOrder == 2U);
    CHECK(full.errorPolicy == ErrorPolicy::Report);
    CHECK(full.shared);
    CHECK(full.optional);
    CHECK(full.readonly);
    CHECK(full.serial == "abc");
    CHECK(full.cache == CacheMode::DirectSync);
    CHECK(full.discard == DiscardMode::Unmap);
    CHECK(full.id->str() == "d-1");
    CHECK(full.ioTune.totalBytesSec == 1048576U);
    CHECK(full.ioTune.readIopsSec == 5000000000U);
    CHECK(warnings.empty());
}

TEST_CASE("A3: propagateErrors is off, on or report, or a flag as VDSM took it")
{
    struct Case { std::string value; ErrorPolicy policy; };
    const auto one = GENERATE(values<Case>({{"\"off\"", ErrorPolicy::Stop}, {"\"on\"", ErrorPolicy::Enospace},
        {"\"report\"", ErrorPolicy::Report}, {"true", ErrorPolicy::Enospace}, {"\"True\"", ErrorPolicy::Enospace},
        {"\"1\"", ErrorPolicy::Enospace}, {"1", ErrorPolicy::Enospace}, {"false", ErrorPolicy::Stop},
        {"\"False\"", ErrorPolicy::Stop}, {"\"0\"", ErrorPolicy::Stop}}));
    CAPTURE(one.value);
    CHECK(disk("\"propagateErrors\":" + one.value).errorPolicy == one.policy);
}

TEST_CASE("A3: shared and discard also take VDSM's other words")
{
    CHECK(disk(R"("shared":"shared")").shared);
    CHECK_FALSE(disk(R"("shared":"exclusive")").shared);
    CHECK_FALSE(disk(R"("shared":"none")").shared);
    CHECK(disk(R"("discard":true)").discard == DiscardMode::Unmap);
    CHECK(disk(R"("discard":"ignore")").discard == DiscardMode::Ignore);
    CHECK_FALSE(disk(R"("discard":"false")").discard);
}

TEST_CASE("A5: an address comes in strings or numbers, hexadecimal or decimal")
{
    const auto pci = Address(PciAddress{0, 5, 12, 0});
    CHECK(disk(R"("address":{"type":"pci","domain":"0x0000","bus":"0x05","slot":"0x0c","function":"0x0"})").address == pci);
    CHECK(disk(R"("address":{"type":"pci","bus":5,"slot":12})").address == pci);
    CHECK(disk(R"("address":{"type":"drive","unit":"3"})").address == Address(DriveAddress{0, 0, 0, 3}));
    CHECK_FALSE(disk(R"("address":"")").address);
    CHECK_FALSE(disk(R"("address":null)").address);
}

TEST_CASE("R7: values that the types refuse are -32602 at their key")
{
    struct Case { std::string members, verdict; };
    const auto one = GENERATE(values<Case>({
        {R"("index":"three")", "-32602 /index"}, {R"("index":-1)", "-32602 /index"}, {R"("index":99999999999999999999)", "-32602 /index"},
        {R"("index":18278)", "-32602 /index"}, {R"("bootOrder":"0")", "-32602 /bootOrder"}, {R"("readonly":"maybe")", "-32602 /readonly"},
        {R"("shared":"perhaps")", "-32602 /shared"}, {R"("discard":"often")", "-32602 /discard"},
        {R"("propagateErrors":"often")", "-32602 /propagateErrors"}, {R"("managed_reservation":"x")", "-32602 /managed_reservation"},
        {R"("deviceId":"a b")", "-32602 /deviceId"}, {R"("address":"0000:05:00.0")", "-32602 /address"},
        {R"("address":{"type":"pci","slot":"1"})", "-32602 /address/bus"}, {R"("address":{"type":"pci","bus":"256","slot":"1"})", "-32602 /address/bus"},
        {R"("address":{"type":"pci","bus":"1","slot":"32"})", "-32602 /address/slot"},
        {R"("address":{"type":"pci","bus":"1","slot":"1","function":"8"})", "-32602 /address/function"},
        {R"("address":{"type":"pci","bus":"1","slot":"1","unit":"1"})", "-32602 /address/unit"},
        {R"("address":{"type":"drive"})", "-32602 /address/unit"}, {R"("address":{"type":"drive","unit":"x"})", "-32602 /address/unit"},
        {R"("specParams":{"ioTune":{"total_bytes_sec":"-1"}})", "-32602 /specParams/ioTune/total_bytes_sec"},
        {R"("specParams":{"ioTune":{"read_iops_sec":9223372036854775808}})", "-32602 /specParams/ioTune/read_iops_sec"},
        {R"("iotune":{"read_iops_sec":"aaa"})", "-32602 /iotune/read_iops_sec"},
    }));
    CAPTURE(one.members);
    CHECK(verdict([&] { disk(one.members); }) == one.verdict);
}

TEST_CASE("R7: everything that is wrong is told at once")
{
    try {
        disk(R"("index":"x","bootOrder":"y","readonly":"z")");
        FAIL("taken");
    } catch (const InvalidParams& invalid) {
        CHECK(invalid.problems().size() == 3);
    }
}

TEST_CASE("R7: 11 and 91 are for what the schema cannot say")
{
    CHECK(verdict([] { disk(R"("specParams":{"ioTune":{"total_iops_sec":1,"read_iops_sec":1}})"); }) == "INVALID_PARAMETER /specParams/ioTune");
    CHECK(verdict([] { disk(R"("specParams":{"ioTune":{"total_iops_sec":1,"read_iops_sec":0}})"); }).empty());
    CHECK(verdict([] { disk(R"("specParams":{"ioTune":{}},"iotune":{})"); }) == "INVALID_PARAMETER /iotune");
    CHECK(verdict([] { readDriveQuery(dictionary(R"("iface":"virtio")")); }) == "MISSING_PARAMETER /deviceId");
    CHECK(verdict([] { readNicQuery(dictionary(R"("network":"blue")")); }) == "MISSING_PARAMETER /deviceId");
}

TEST_CASE("C1: a lun is a SCSI device, passed through as it is")
{
    const auto lun = drive(R"("device":"lun","GUID":"36a","format":"raw","managed_reservation":"True")");
    CHECK(lun.device == DiskDevice::Lun);
    CHECK(lun.bus == Bus::Scsi);
    CHECK(lun.managedReservation);
    CHECK(disk(R"("device":"lun","iface":"virtio")").bus == Bus::Virtio);
}

TEST_CASE("C1: sgio is refused for a disk, and has had its day for a lun")
{
    CHECK(verdict([] { disk(R"("sgio":"filtered")"); }) == "INVALID_PARAMETER /sgio");
    CHECK(verdict([] { disk(R"("sgio":"")"); }).empty());
    Warnings warnings;
    drive(R"("device":"lun","path":"/dev/x","format":"raw","sgio":"unfiltered")", warnings);
    CHECK(warnings == Warnings{"sgio has no effect here and was ignored"});
}

TEST_CASE("C1: drives with a medium are neither plugged nor unplugged")
{
    const auto device = GENERATE(as<std::string>{}, "cdrom", "floppy");
    const auto members = R"("path":"/a","format":"raw","iface":"sata","device":")" + device + "\"";
    CHECK(verdict([&] { drive(members); }) == "BUS_NOT_HOTPLUGGABLE /device");
    CHECK(verdict([&] { readDriveQuery(dictionary(members)); }) == "BUS_NOT_HOTPLUGGABLE /device");
}

TEST_CASE("R6: what we cannot honour is NOT_SUPPORTED and names the key")
{
    CHECK(verdict([] { disk(R"("shared":"transient")"); }) == "NOT_SUPPORTED /shared");
    CHECK(verdict([] { disk(R"("diskReplicate":{"a":1})"); }) == "NOT_SUPPORTED /diskReplicate");
    CHECK(verdict([] { disk(R"("diskReplicate":{})"); }).empty());
}

TEST_CASE("A3: keys that VDSM had and we do not need are named in warnings, when they say something")
{
    const auto key = GENERATE(as<std::string>{}, "name", "truesize", "apparentsize", "reqsize", "custom", "vm_custom", "diskType",
        "blockDev", "volumeChain", "volumeInfo", "baseVolumeID", "extSharedState", "guestName", "vmid", "discard_no_unref", "alias");
    Warnings warnings;
    drive(R"("path":"/a","format":"raw",")" + key + R"(":"file")", warnings);
    REQUIRE(warnings.size() == 1);
    CHECK(warnings.front().starts_with(key + " "));
    warnings.clear();
    drive(R"("path":"/a","format":"raw","custom":{},"volumeChain":[],"hosts":[],"auth":{},"name":"")", warnings);
    CHECK(warnings.empty());
}

TEST_CASE("R2: an unplug by dictionary asks for what the caller named, and nothing else")
{
    const auto query = readDriveQuery(dictionary(R"("type":"disk","iface":"virtio","format":"raw","path":"/a","serial":"s","deviceId":"d",
        "alias":"ua-d","address":{"type":"pci","bus":"1","slot":"0"})"));
    CHECK(query.kind == DeviceKind::Disk);
    CHECK(query.source == SourceRef(ImagePath{"/a"}));
    CHECK(query.serial == "s");
    CHECK(query.id->str() == "d");
    CHECK(query.alias == Alias("ua-d"));
    CHECK(query.address == Address(PciAddress{0, 1, 0, 0}));

    const auto byPath = readDriveQuery(dictionary(R"("path":"/a")"));
    CHECK_FALSE((byPath.serial || byPath.id || byPath.alias || byPath.address));
    CHECK(readDriveQuery(dictionary(R"("GUID":"36a","index":"junk")")).source == SourceRef(MultipathGuid{"36a"}));
    const auto byMac = readNicQuery(dictionary(R"("macAddr":"52:54:00:12:34:56")"));
    CHECK(byMac.kind == DeviceKind::Nic);
    CHECK(byMac.mac->str() == "52:54:00:12:34:56");
}
