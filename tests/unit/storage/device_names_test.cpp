#include "base/scope_guard.h"
#include "storage/source_names.h"
#include "unit/storage/device_fixture.h"

#include <sys/sysmacros.h>

using namespace hotplug;
using test::answerOf, test::Devices, test::TempDirectory;
namespace fs = std::filesystem;

namespace {

constexpr auto raw = DiskFormat::Raw;

/// A sysfs that knows one device-mapper device.
struct FakeSysfs {
    TempDirectory directory;

    FakeSysfs(dev_t device, const std::string& name)
    {
        const auto folder = directory / fmt::format("{}:{}/dm", major(device), minor(device));
        fs::create_directories(folder);
        test::write(folder + "/name", name);
    }
    BlockDevices allowing(std::vector<std::string> patterns) const
    {
        return BlockDevices(std::move(patterns), directory.path());
    }
};

/// A link where udev keeps them; removes what it made.
class UdevLink {
public:
    UdevLink(const std::string& directory, const std::string& name, const std::string& target)
        : directory_(directory), path_(directory + '/' + name)
    {
        std::error_code removedByOthers;        // another run of these tests may just leave the directory
        for (int tries = 0; tries < 20 && !fs::is_symlink(fs::symlink_status(path_)); ++tries) {
            fs::create_directories(directory, removedByOthers);
            fs::create_symlink(target, path_, removedByOthers);
        }
    }
    ~UdevLink()
    {
        std::error_code inUseByOthers;
        fs::remove(path_, inUseByOthers);
        for (auto left = directory_; left != "/dev" && !inUseByOthers; left = left.parent_path())
            fs::remove(left, inUseByOthers);
    }
    UdevLink(const UdevLink&) = delete;
    UdevLink& operator=(const UdevLink&) = delete;

    const std::string& path() const { return path_; }

private:
    fs::path directory_;
    std::string path_;
};

/// A name in /dev that nobody else uses.
std::string uniqueName(const Devices& devices)
{
    return devices.links->path().filename();
}

} // namespace

TEST_CASE("A4: device-mapper's name is one of a device's, before the kernel's")
{
    const auto device = makedev(253, 3);
    const FakeSysfs sysfs(device, "vg-lv\n");
    const Trail trail{{"/dev/vg/lv", "/dev/dm-3"}, "/dev/dm-3"};
    CHECK(sysfs.allowing({}).namesOf(trail, device)
        == std::vector<std::string>{"/dev/vg/lv", "/dev/mapper/vg-lv", "/dev/dm-3"});
    CHECK(sysfs.allowing({}).namesOf(trail, makedev(253, 4)) == trail.names);
}

TEST_CASE("A4: a device-mapper name that is no file name is none")
{
    const auto device = makedev(253, 3);
    const Trail trail{{"/dev/dm-3"}, "/dev/dm-3"};
    for (const auto* name : {"", "\n", ".", "..", "../sda", "a/b", "a\x1b[2J"})
        CHECK(FakeSysfs(device, name).allowing({}).namesOf(trail, device) == trail.names);
}

TEST_CASE("A4: device-mapper's name allows a device when it leads to that device")
{
    const Devices devices;
    if (!devices.usable())
        return;
    const auto name = uniqueName(devices);
    const auto number = devices.device.number();
    const FakeSysfs sysfs(number, name);
    const auto allowed = sysfs.allowing({"/dev/mapper/*"});
    const auto names = allowed.namesOf(follow(devices.device.path()), number);
    CHECK(names == std::vector{"/dev/mapper/" + name, devices.device.path()});
    CHECK(allowed.allowedAmong(names, number).empty());
    const UdevLink link("/dev/mapper", name, devices.device.path());
    CHECK(allowed.allowedAmong(names, number) == "/dev/mapper/" + name);
    CHECK(allowed.allowedAmong(names, makedev(7, 99)).empty());
    CHECK(sysfs.allowing({"/dev/mapper/other"}).allowedAmong(names, number).empty());
}

TEST_CASE("A4: a GUID names a multipath device, which needs a pattern like any other")
{
    const Devices devices;
    if (!devices.usable())
        return;
    const MultipathGuid guid{uniqueName(devices)};
    const UdevLink link("/dev/mapper", guid.guid, devices.device.path());
    CHECK(devices.allow({"/dev/mapper/*"}).resolve(guid, raw).path == link.path());
    CHECK(answerOf(devices.allow({"/dev/disk/*"}), guid, raw).reason == "SOURCE_NOT_ALLOWED");
    CHECK(devices.allow({}).namesOf(guid) == std::vector{link.path(), devices.device.path()});
    CHECK(answerOf(devices.allow({"/dev/mapper/*"}), MultipathGuid{"none"}, raw).reason == "SOURCE_NOT_FOUND");
}

TEST_CASE("A4: a UUID is a file system's, else a partition's")
{
    const Devices devices;
    if (!devices.usable())
        return;
    const FileSystemUuid uuid{uniqueName(devices)};
    const std::string byUuid = "/dev/disk/by-uuid", byPart = "/dev/disk/by-partuuid";
    const auto storage = devices.allow({byUuid + "/*", byPart + "/*"});
    CHECK(answerOf(storage, uuid, raw).reason == "SOURCE_NOT_FOUND");
    CHECK(answerOf(devices.allow({byPart + "/*"}), uuid, raw).reason == "SOURCE_NOT_FOUND");
    CHECK(answerOf(devices.allow({}), uuid, raw).reason == "SOURCE_NOT_ALLOWED");
    CHECK(storage.namesOf(uuid) == std::vector{byUuid + '/' + uuid.uuid, byPart + '/' + uuid.uuid});
    const UdevLink partition(byPart, uuid.uuid, devices.device.path());
    CHECK(storage.resolve(uuid, raw).path == partition.path());
    CHECK(storage.namesOf(uuid) == std::vector{partition.path(), devices.device.path()});
    const UdevLink fileSystem(byUuid, uuid.uuid, devices.device.path());
    CHECK(storage.resolve(uuid, raw).path == fileSystem.path());
    CHECK(storage.namesOf(uuid) == std::vector{fileSystem.path(), devices.device.path()});
}

TEST_CASE("A4: a device has the same names whether it is resolved or asked about")
{
    const Devices devices;
    if (!devices.usable())
        return;
    const auto disk = devices.makeLink("disk"), asked = devices.images.at("link");
    fs::create_symlink(disk, asked);
    const auto storage = devices.allow({disk});
    CHECK(storage.namesOf(ImagePath{asked}) == std::vector{asked, disk, devices.device.path()});
    CHECK(storage.resolve(ImagePath{asked}, raw).names == storage.namesOf(ImagePath{asked}));
    const auto held = devices.hold();
    CHECK(storage.namesOf(ImagePath{asked}).size() == 3);       // names judge nothing
    CHECK(devices.allow({}).namesOf(ImagePath{disk}) == std::vector{disk, devices.device.path()});
}

TEST_CASE("A4: names in /dev are compared by the node that they lead to")
{
    const Devices devices;
    if (!devices.usable())
        return;
    const auto disk = devices.makeLink("disk"), away = devices.makeLink("away", devices.images.root);
    const auto image = devices.images.at("link");
    fs::create_symlink(disk, image);
    CHECK(canonicalName(disk) == devices.device.path());
    CHECK(canonicalName("/dev/." + disk.substr(4)) == devices.device.path());
    for (const auto& unchanged : {devices.device.path(), image, away, devices.link("none"), std::string(),
             std::string("dev/x"), std::string("/dev"), std::string("nbd://host:10809/x"),
             std::string("/dev/../etc/passwd"), std::string("/dev/x\0y", 8), "/dev/" + std::string(5000, 'x')})
        CHECK(canonicalName(unchanged) == unchanged);
    CHECK(canonicalName("iscsi://host:3260/iqn.x/1") == canonicalName("iscsi://10.0.0.1:3261/iqn.x/1"));
    CHECK(canonicalName("iscsi://host:3260/iqn.x/1") != canonicalName("iscsi://host:3260/iqn.x/2"));
}
