#include "disk_request.h"

using namespace hotplug;
using namespace hotplug::test;

TEST_CASE("R2: a source that the VM has is not plugged again, whichever layer and by whichever name")
{
    struct Case {
        std::vector<std::string> sources;
        std::string alias, holder;
    };
    const auto [sources, alias, holder] = GENERATE(Case{{"/srv/images/new.qcow2"}, "ua-old", "ua-old"},
        Case{{"/srv/images/snapshot", "/srv/images/new.qcow2"}, "virtio-disk0", "virtio-disk0"},
        Case{{"/links/new.qcow2"}, "", "vda"});
    CAPTURE(sources);
    auto with = q35(4);
    addDisk(with, "vda", "virtio", alias).sources = sources;
    auto disk = newDisk();
    disk.source = ImagePath{"/links/new.qcow2"};
    for (const auto& domain : {running(with, q35(4)), running(q35(4), with)}) {
        const auto refusal = refused(domain, disk);
        CHECK(refusal.reason() == Reason::AlreadyPlugged);
        CHECK(refusal.field() == "/path");
        CHECK(refusal.conflictsWith() == holder);
    }
}

TEST_CASE("R2: two disks may stand on the same base image")
{
    auto with = q35(4);
    addDisk(with, "vda", "virtio", "ua-old").sources = {"/srv/images/other.qcow2", "/srv/images/base.img"};
    CHECK_NOTHROW(plug(persistent(with), newDisk()));
}

TEST_CASE("R2: the field of a source that the VM has is the key that named it")
{
    auto with = q35(4);
    addDisk(with, "vda", "virtio", "ua-old").sources = {newSource().path};
    auto disk = newDisk();
    struct Case {
        SourceRef source;
        const char* field;
    };
    const auto id = Uuid::random();
    for (const auto& [source, field] : {Case{ImagePath{"/x"}, "/path"}, Case{ImageQuartet{id, id, id, id}, "/volumeID"},
             Case{MultipathGuid{"36"}, "/GUID"}, Case{FileSystemUuid{"A-B"}, "/UUID"}, Case{NetworkVolume{}, "/name"}}) {
        CAPTURE(field);
        disk.source = source;
        CHECK(refused(persistent(with), disk).field() == field);
    }
}

TEST_CASE("R2: a network volume that the VM has is not plugged again")
{
    auto with = q35(4);
    const auto source = networkSource(NetworkProtocol::Iscsi);
    addDisk(with, "sda", "scsi", "ua-old").sources = {"iscsi://store:3260/iqn.2026-01.example:x/1"};
    const auto refusal = refused(persistent(with), newLun(), source);
    CHECK(refusal.reason() == Reason::AlreadyPlugged);
    CHECK(refusal.conflictsWith() == "ua-old");
}

TEST_CASE("R6: an image is not plugged on a base that another disk of the VM writes to")
{
    auto with = q35(4);
    auto& base = addDisk(with, "vda", "virtio", "ua-base");
    base.sources = {"/srv/images/base.img"};
    const auto refusal = refused(persistent(with), newDisk());
    CHECK(refusal.reason() == Reason::SourceInUse);
    CHECK(refusal.field() == "/path");
    CHECK(refusal.conflictsWith() == "ua-base");
    CHECK_THAT(refusal.what(), Catch::Contains("/srv/images/base.img") && Catch::Contains("ua-base"));
    with.disks.front().readonly = true;
    CHECK_NOTHROW(plug(persistent(with), newDisk()));
}

namespace {

const auto shop = Uuid::parse("11111111-2222-4333-8444-555555555555").value();

/// A disk of VM shop that has the layer; what it does with it.
SourceUser userOf(const std::string& layer, bool writes, bool shareable = false)
{
    return {shop, "shop", "ua-data", layer, writes, shareable};
}

Refusal refusedBeside(const SourceUser& user, const DiskRequest& disk)
{
    return refusalOf([&] { planPlugDisk(persistent(q35(4)), disk, {newSource(), {user}}, std::nullopt); });
}

} // namespace

TEST_CASE("R6: a source that another VM has is refused, and VM, disk and remedy are named")
{
    const auto refusal = refusedBeside(userOf("/srv/images/new.qcow2", true), newDisk());
    CHECK(refusal.reason() == Reason::SourceInUse);
    CHECK(refusal.field() == "/path");
    CHECK(refusal.conflictsWith() == shop.str());
    CHECK_THAT(refusal.what(), Catch::Contains("/srv/images/new.qcow2 is used by disk ua-data of VM shop")
        && Catch::Contains("shared: true"));
}

TEST_CASE("R6: a layer is shared with another VM when nobody writes to it, or both disks are shareable")
{
    struct Case {
        const char* layer;
        bool theyWrite, theyShare, weRead, weShare, conflict;
    };
    const auto *top = "/srv/images/new.qcow2", *base = "/srv/images/base.img";
    const auto one = GENERATE_COPY(
        Case{top, true, false, false, false, true}, Case{top, true, false, true, false, true},
        Case{top, false, false, false, false, true}, Case{top, false, false, true, false, false},
        Case{top, true, true, false, false, true}, Case{top, true, false, false, true, true},
        Case{top, true, true, false, true, false}, Case{top, true, true, true, true, false},
        Case{top, false, true, false, true, false}, Case{"/another/name", false, false, false, false, true},
        Case{base, false, false, false, false, false}, Case{base, true, false, false, false, true},
        Case{base, true, true, true, true, true}, Case{base, false, true, true, true, false});
    CAPTURE(one.layer, one.theyWrite, one.theyShare, one.weRead, one.weShare);
    auto disk = newDisk();
    disk.readonly = one.weRead;
    disk.shared = one.weShare;
    disk.format = one.weShare ? DiskFormat::Raw : DiskFormat::Qcow2;
    const auto user = userOf(one.layer, one.theyWrite, one.theyShare);
    if (one.conflict)
        CHECK(refusedBeside(user, disk).reason() == Reason::SourceInUse);
    else
        CHECK_NOTHROW(planPlugDisk(persistent(q35(4)), disk, {newSource(), {user}}, std::nullopt));
}
