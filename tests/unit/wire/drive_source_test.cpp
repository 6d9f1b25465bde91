#include "unit/wire/reading.h"

#include "support/catch.h"

using namespace hotplug;
using namespace hotplug::test;
using namespace hotplug::wire;

namespace {

const std::string pool = "5849b030-626e-47cb-ad90-3ce782d831b3", domain = "1f1b0b2e-0b42-4f0c-9c5c-4f1d5f3b0c11",
    image = "2c5e6c4c-2f4d-4ce5-9d5a-3b3b1a4a6b22", volume = "7a6d5c4b-3e2f-4a1b-8c9d-0e1f2a3b4c33";

std::string quartetWithout(const std::string& absent)
{
    std::string members = R"("format":"cow")";
    for (const auto& [key, id] : {std::pair("poolID", pool), {"domainID", domain}, {"imageID", image}, {"volumeID", volume}})
        if (key != absent)
            members += std::string(",\"") + key + "\":\"" + id + "\"";
    return members;
}

/// A raw drive with this source.
DiskRequest from(const std::string& source)
{
    return drive(R"("format":"raw",)" + source);
}

NetworkVolume volumeOf(const std::string& source)
{
    return std::get<NetworkVolume>(from(source).source);
}

} // namespace

TEST_CASE("A4: a source is named by path, quartet, GUID or UUID")
{
    CHECK(from(R"("path":"/a")").source == SourceRef(ImagePath{"/a"}));
    CHECK(drive(quartetWithout("")).source
          == SourceRef(ImageQuartet{*Uuid::parse(pool), *Uuid::parse(domain), *Uuid::parse(image), *Uuid::parse(volume)}));
    CHECK(from(R"("GUID":"3600a0b80005b0acc0000af1b4d5f7a10")").source == SourceRef(MultipathGuid{"3600a0b80005b0acc0000af1b4d5f7a10"}));
    CHECK(from(R"("UUID":"0A1B-2C3D")").source == SourceRef(FileSystemUuid{"0A1B-2C3D"}));
}

TEST_CASE("A4: a source is named by protocol, name, hosts and auth")
{
    CHECK(volumeOf(R"("protocol":"iscsi","name":"iqn.2024-01.org:a/1","hosts":[{"name":"10.0.0.1","port":"3260","transport":"tcp"}],
        "auth":{"type":"chap","username":"u","uuid":"1b4e28ba-2fa1-11d2-883f-0016d3cca427"})")
          == NetworkVolume{NetworkProtocol::Iscsi, "iqn.2024-01.org:a/1", {{"10.0.0.1", std::uint16_t{3260}}},
                 NetworkAuth{"u", *Uuid::parse("1b4e28ba-2fa1-11d2-883f-0016d3cca427")}});
    CHECK(volumeOf(R"("protocol":"nbd","hosts":[{"name":"fd00::1"}],"diskType":"network")")
          == NetworkVolume{NetworkProtocol::Nbd, "", {{"fd00::1", std::nullopt}}, std::nullopt});
    CHECK(volumeOf(R"("protocol":"rbd","name":"pool/vol","hosts":[{"name":"h1","port":6789},{"name":"h2"}],"auth":{})")
          == NetworkVolume{NetworkProtocol::Rbd, "pool/vol", {{"h1", std::uint16_t{6789}}, {"h2", std::nullopt}}, std::nullopt});
    CHECK(volumeOf(R"("protocol":"rbd","name":"pool/vol")").hosts.empty());
    CHECK(volumeOf(R"("protocol":"rbd","path":"pool/vol")").name == "pool/vol");      // as VDSM has it
}

TEST_CASE("A4: the name of a volume is no ignored key, the name of a drive is")
{
    Warnings warnings;
    drive(R"("format":"raw","protocol":"rbd","name":"pool/vol")", warnings);
    CHECK(warnings.empty());
    drive(R"("format":"raw","path":"/a","name":"vda")", warnings);
    CHECK(warnings == Warnings{"name has no effect here and was ignored"});
}

TEST_CASE("A4: no source, several or an incomplete one is refused at the key")
{
    struct Case { std::string source, verdict; };
    const auto one = GENERATE(values<Case>({
        {R"("iface":"virtio")", "MISSING_PARAMETER /path"}, {R"("path":"")", "MISSING_PARAMETER /path"},
        {R"("name":"vda")", "MISSING_PARAMETER /path"},
        {R"("path":"/a","GUID":"36")", "INVALID_PARAMETER /GUID"}, {R"("path":"/a","UUID":"36")", "INVALID_PARAMETER /UUID"},
        {R"("path":"/a","protocol":"rbd","name":"p/v")", "INVALID_PARAMETER /protocol"},
        {R"("path":"/a","protocol":"nbd","hosts":[{"name":"h"}])", "INVALID_PARAMETER /protocol"},
        {R"("path":"p/v","protocol":"rbd","name":"p/v")", "INVALID_PARAMETER /protocol"},
        {R"("path":"/a","volumeID":"7a6d5c4b-3e2f-4a1b-8c9d-0e1f2a3b4c33")", "INVALID_PARAMETER /volumeID"},
        {R"("GUID":"36","imageID":"7a6d5c4b-3e2f-4a1b-8c9d-0e1f2a3b4c33")", "INVALID_PARAMETER /imageID"},
        {R"("protocol":"iscsi","hosts":[{"name":"h"}])", "MISSING_PARAMETER /name"}, {R"("protocol":"rbd")", "MISSING_PARAMETER /name"},
        {R"("protocol":"nbd")", "MISSING_PARAMETER /hosts"}, {R"("protocol":"iscsi","name":"iqn/1")", "MISSING_PARAMETER /hosts"},
        {R"("protocol":"nbd","hosts":[{"name":"a"},{"name":"b"}])", "INVALID_PARAMETER /hosts"},
        {R"("path":"/a","hosts":[{"name":"a"}])", "INVALID_PARAMETER /hosts"},
        {R"("path":"/a","auth":{"username":"u","uuid":"1b4e28ba-2fa1-11d2-883f-0016d3cca427"})", "INVALID_PARAMETER /auth"},
    }));
    CAPTURE(one.source);
    CHECK(verdict([&] { from(one.source); }) == one.verdict);
}

TEST_CASE("A4: a quartet needs all four of its keys")
{
    const auto key = GENERATE(as<std::string>{}, "poolID", "domainID", "imageID", "volumeID");
    CHECK(verdict([&] { drive(quartetWithout(key)); }) == "MISSING_PARAMETER /" + key);
    CHECK(verdict([&] { readDriveQuery(dictionary(quartetWithout(key))); }) == "MISSING_PARAMETER /" + key);
    CHECK(verdict([&] { drive(quartetWithout(key) + ",\"" + key + "\":\"../../etc\""); }) == "-32602 /" + key);
}

TEST_CASE("A4: names that would leave their directory or the XML are -32602")
{
    struct Case { std::string source, at; };
    const auto one = GENERATE(values<Case>({
        {R"("GUID":"..")", "/GUID"}, {R"("GUID":"a/b")", "/GUID"}, {R"("GUID":"a b")", "/GUID"},
        {R"("UUID":"../sda")", "/UUID"}, {R"("UUID":"a_b")", "/UUID"},
        {R"("protocol":"rbd","name":5)", "/name"}, {R"("protocol":"rbd","name":"a\nb")", "/name"},
        {R"("protocol":"nbd","hosts":[{"name":"a b"}])", "/hosts/0/name"}, {R"("protocol":"nbd","hosts":[{"name":"[::1]"}])", "/hosts/0/name"},
        {R"("protocol":"rbd","name":"p/v","hosts":[{"name":"a"},{"name":"b","port":"0"}])", "/hosts/1/port"},
        {R"("protocol":"rbd","name":"p/v","hosts":[{"name":"a","port":65536}])", "/hosts/0/port"},
        {R"("protocol":"rbd","name":"p/v","auth":{"type":"ceph"})", "/auth/username"},
        {R"("protocol":"rbd","name":"p/v","auth":{"username":"u"})", "/auth/uuid"},
        {R"("protocol":"rbd","name":"p/v","auth":{"username":"u","uuid":"abcdef"})", "/auth/uuid"},
        {R"("protocol":"rbd","name":"p/v","auth":{"username":"\t","uuid":"1b4e28ba-2fa1-11d2-883f-0016d3cca427"})", "/auth/username"},
    }));
    CAPTURE(one.source);
    CHECK(verdict([&] { from(one.source); }) == "-32602 " + one.at);
}

TEST_CASE("A4: a login fits its protocol")
{
    struct Case { std::string protocol, type, verdict; };
    const auto one = GENERATE(values<Case>({
        {"rbd", "ceph", ""}, {"rbd", "", ""}, {"rbd", "chap", "INVALID_PARAMETER /auth/type"}, {"rbd", "iscsi", "INVALID_PARAMETER /auth/type"},
        {"iscsi", "chap", ""}, {"iscsi", "iscsi", ""}, {"iscsi", "", ""}, {"iscsi", "ceph", "INVALID_PARAMETER /auth/type"},
        {"nbd", "chap", "INVALID_PARAMETER /auth"}, {"nbd", "", "INVALID_PARAMETER /auth"}}));
    const auto type = one.type.empty() ? "" : "\"type\":\"" + one.type + "\",";
    const auto source = "\"protocol\":\"" + one.protocol + R"(","name":"a/1","hosts":[{"name":"h"}],"auth":{)" + type
        + R"("username":"u","uuid":"1b4e28ba-2fa1-11d2-883f-0016d3cca427"})";
    CAPTURE(source);
    CHECK(verdict([&] { from(source); }) == one.verdict);
}

TEST_CASE("A3: diskType must not contradict the source, and says nothing where only the host knows")
{
    struct Case { std::string source, type, verdict; bool warned; };
    const std::string rbd = R"("protocol":"rbd","name":"p/v")", guid = R"("GUID":"36")", uuid = R"("UUID":"36")", path = R"("path":"/a")";
    const auto one = GENERATE_COPY(values<Case>({
        {rbd, "network", "", false}, {rbd, "file", "INVALID_PARAMETER /diskType", false}, {rbd, "block", "INVALID_PARAMETER /diskType", false},
        {guid, "block", "", false}, {guid, "file", "INVALID_PARAMETER /diskType", false}, {guid, "network", "INVALID_PARAMETER /diskType", false},
        {uuid, "block", "", false}, {uuid, "file", "INVALID_PARAMETER /diskType", false},
        {path, "file", "", true}, {path, "block", "", true}, {path, "network", "INVALID_PARAMETER /diskType", false}}));
    CAPTURE(one.source, one.type);
    Warnings warnings;
    const auto members = R"("format":"raw",)" + one.source + ",\"diskType\":\"" + one.type + "\"";
    CHECK(verdict([&] { drive(members, warnings); }) == one.verdict);
    CHECK(warnings.size() == (one.warned ? 1 : 0));
}

TEST_CASE("R2: an unplug may name the disk by any source")
{
    const auto query = readDriveQuery(dictionary(R"("protocol":"rbd","name":"p/v","hosts":[{"name":"h"}])"));
    REQUIRE(query.source);
    CHECK(reference(std::get<NetworkVolume>(*query.source)) == "rbd://h:6789/p/v");
    CHECK(verdict([] { readDriveQuery(dictionary(R"("path":"/a","GUID":"36")")); }) == "INVALID_PARAMETER /GUID");
    CHECK_FALSE(readDriveQuery(dictionary(R"("serial":"s","name":"vda","hosts":[],"auth":{})")).source);
}
