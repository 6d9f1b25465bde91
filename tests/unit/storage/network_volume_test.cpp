#include "storage/network_volume.h"
#include "unit/storage/image_fixture.h"

using namespace hotplug;
using test::answerOf;

namespace {

constexpr auto iscsi = NetworkProtocol::Iscsi, nbd = NetworkProtocol::Nbd, rbd = NetworkProtocol::Rbd;

NetworkVolume volume(NetworkProtocol protocol)
{
    switch (protocol) {
    case iscsi: return {iscsi, "iqn.2001-04.com.example:store/1", {{"san.example.com", {}}}, {}};
    case nbd: return {nbd, "export", {{"192.0.2.1", 10809}}, {}};
    case rbd: break;
    }
    return {rbd, "pool/image", {{"mon1", 6789}, {"2001:db8::1", {}}}, {}};
}

NetworkVolume named(NetworkProtocol protocol, const std::string& name)
{
    auto one = volume(protocol);
    one.name = name;
    return one;
}

NetworkVolume at(NetworkProtocol protocol, std::vector<NetworkHost> hosts)
{
    auto one = volume(protocol);
    one.hosts = std::move(hosts);
    return one;
}

NetworkVolume by(NetworkProtocol protocol, const std::string& user)
{
    auto one = volume(protocol);
    one.auth = NetworkAuth{user, *Uuid::parse("d1a2b3c4-0000-4000-8000-000000000001")};
    return one;
}

test::SourceAnswer ask(const NetworkVolume& one, DiskFormat format = DiskFormat::Raw)
{
    return answerOf(Storage(StoragePolicy{}), one, format);
}

} // namespace

TEST_CASE("A4: a network volume is known by its reference, and needs no root")
{
    for (const auto protocol : {iscsi, nbd, rbd}) {
        const auto asked = volume(protocol);
        const Storage storage{StoragePolicy{}};
        const auto source = storage.resolve(asked, DiskFormat::Raw);
        CHECK(source.kind == SourceKind::Network);
        CHECK(source.path == reference(asked));
        CHECK(source.network == asked);
        CHECK(source.names.front() == reference(asked));
        CHECK(source.names.back() == canonicalReference(reference(asked)));
        CHECK(source.backing.empty());
        CHECK(storage.namesOf(asked) == source.names);
    }
}

TEST_CASE("A4: volumes that the protocols have are taken")
{
    const NetworkVolume good[] = {
        named(iscsi, "iqn.2001-04.com.example:storage.disk1.sys_x-1/0"), named(iscsi, "eui.02004567A425678D/16383"),
        named(iscsi, "naa.52004567BA64678D/7"), named(nbd, ""), named(nbd, "a/b:c,d=e @\xc3\xa4"),
        named(nbd, std::string(4096, 'x')), named(rbd, "vms.ssd/volume-0a_1"), at(iscsi, {{"::1", 3260}}),
        at(nbd, {{"host_1.example.com", 1}}), at(rbd, {{"10.0.0.1", 65535}}), by(iscsi, "iqn.2001-04.com.example:me"),
        by(rbd, "admin"),
    };
    for (const auto& one : good) {
        CAPTURE(reference(one));
        CHECK(ask(one).sentence.empty());
    }
}

TEST_CASE("A4: volumes that mean none, several or something else to QEMU are refused with what would be right")
{
    struct Case {
        NetworkVolume volume;
        const char* problem;
    };
    const std::string iqn = "iqn.2001-04.com.example:store";
    const Case cases[] = {
        {at(iscsi, {}), "names 0 hosts; name exactly one"},
        {at(iscsi, {{"a", {}}, {"b", {}}}), "names 2 hosts; name exactly one"},
        {at(nbd, {{"a", {}}, {"b", {}}}), "names 2 hosts; name exactly one"},
        {at(rbd, {}), "names 0 hosts; name 1 to 32"},
        {at(rbd, std::vector<NetworkHost>(33, {"a", {}})), "names 33 hosts"},
        {at(nbd, {{"", {}}}), "names the host \"\""},
        {at(nbd, {{"-oProxy", {}}}), "names the host"},
        {at(nbd, {{"host:10809", {}}}), "the port apart"},
        {at(nbd, {{"[::1]", {}}}), "without brackets"},
        {at(nbd, {{"fe80::1%eth0", {}}}), "names the host"},
        {at(nbd, {{"a/b", {}}}), "names the host"},
        {at(nbd, {{"/run/nbd.sock", {}}}), "names the host"},
        {at(nbd, {{"a,b", {}}}), "names the host"},
        {at(nbd, {{"a\nb", {}}}), "cannot be printed"},
        {at(nbd, {{std::string(254, 'x'), {}}}), "names the host"},
        {at(rbd, {{"a", {}}, {"b;c", {}}}), "names the host \"b;c\""},
        {at(nbd, {{"a", std::uint16_t{0}}}), "port 0"},
        {named(iscsi, ""), "name target and LUN"},
        {named(iscsi, iqn), "name target and LUN"},
        {named(iscsi, iqn + "/"), "name target and LUN"},
        {named(iscsi, iqn + "/x"), "name target and LUN"},
        {named(iscsi, iqn + "/-1"), "name target and LUN"},
        {named(iscsi, iqn + "/ 1"), "name target and LUN"},
        {named(iscsi, iqn + "/16384"), "0 to 16383"},
        {named(iscsi, iqn + "/99999999999999999999999"), "name target and LUN"},
        {named(iscsi, iqn + "/1/2"), "name target and LUN"},
        {named(iscsi, "store/1"), "name target and LUN"},
        {named(iscsi, "iqn.a b/1"), "name target and LUN"},
        {named(iscsi, "iqn.a%20/1"), "name target and LUN"},
        {named(iscsi, "iqn." + std::string(220, 'x') + "/1"), "name target and LUN"},
        {named(rbd, ""), "pool/image"},
        {named(rbd, "image"), "pool/image"},
        {named(rbd, "/image"), "pool/image"},
        {named(rbd, "pool/"), "pool/image"},
        {named(rbd, "pool/name/space"), "pool/image"},
        {named(rbd, "pool/image:conf=/etc/x"), "pool/image"},
        {named(rbd, "pool/image@snap"), "pool/image"},
        {named(rbd, "pool/image,readonly=on"), "pool/image"},
        {named(rbd, "pool/image\\"), "pool/image"},
        {named(rbd, "pool/im age"), "pool/image"},
        {named(rbd, "pool/" + std::string(256, 'x')), "pool/image"},
        {named(nbd, std::string(4097, 'x')), "(a word of 4097 bytes); give UTF-8"},
        {named(nbd, std::string("a\0b", 3)), "without control characters"},
        {named(nbd, "\xff"), "give UTF-8"},
        {by(nbd, "me"), "which nbd does not have"},
        {by(iscsi, ""), "user name \"\""},
        {by(iscsi, "a b"), "user name"},
        {by(iscsi, std::string(256, 'x')), "user name"},
        {by(rbd, "admin:conf=/etc/x"), "user name"},
    };
    for (const auto& one : cases) {
        CAPTURE(one.problem, reference(one.volume));
        const auto answer = ask(one.volume);
        CHECK(answer.reason == "INVALID_PARAMETER");
        CHECK_THAT(answer.sentence, Catch::Contains(one.problem));
    }
}

TEST_CASE("A4 R5: a refusal of a network volume names the key at fault")
{
    const std::pair<NetworkVolume, const char*> cases[] = {
        {at(rbd, {}), "/hosts"}, {at(nbd, {{"a/b", {}}}), "/hosts"}, {at(nbd, {{"a", std::uint16_t{0}}}), "/hosts"},
        {named(iscsi, "store/1"), "/name"}, {by(nbd, "me"), "/auth"}, {by(iscsi, "a b"), "/auth/username"},
    };
    for (const auto& [asked, field] : cases) {
        CAPTURE(reference(asked));
        CHECK(ask(asked).field == field);
    }
    CHECK(ask(volume(nbd), DiskFormat::Qcow2).field == "/format");
}

TEST_CASE("A4: a network volume is raw, for nobody could look at what qcow2 names")
{
    for (const auto protocol : {iscsi, nbd, rbd}) {
        const auto answer = ask(volume(protocol), DiskFormat::Qcow2);
        CHECK(answer.reason == "NOT_SUPPORTED");
        CHECK_THAT(answer.sentence, Catch::Contains("raw only"));
    }
}
