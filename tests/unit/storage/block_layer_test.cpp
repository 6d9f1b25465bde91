#include "unit/storage/device_fixture.h"

#include <sys/mount.h>

using namespace hotplug;
using test::answerOf, test::Devices, test::Qcow2Bytes;
namespace fs = std::filesystem;

namespace {

constexpr auto raw = DiskFormat::Raw, qcow2 = DiskFormat::Qcow2;

std::string qcow2On(const std::string& backing, const std::string& format)
{
    Qcow2Bytes bytes;
    bytes.backing = backing;
    bytes.extensions = {{Qcow2Bytes::backingFormat, format}};
    return bytes.str();
}

} // namespace

TEST_CASE("A4: a block device that is held or mounted is in use, as the top and as a layer")
{
    const Devices devices;
    if (!devices.usable())
        return;
    const auto node = devices.device.path();
    const auto storage = devices.allow({node});
    test::write(devices.images.at("top.qcow2"), qcow2On(node, "raw"));
    const auto requireInUse = [&] {
        for (const auto& answer : {answerOf(storage, ImagePath{node}, raw),
                 answerOf(storage, ImagePath{devices.images.at("top.qcow2")}, qcow2)}) {
            CHECK(answer.reason == "SOURCE_IN_USE");
            CHECK_THAT(answer.sentence, Catch::Contains("is mounted or held by another device on this host"));
        }
    };
    {
        const auto held = devices.hold();
        REQUIRE(held);
        requireInUse();
    }
    CHECK(answerOf(storage, ImagePath{devices.images.at("top.qcow2")}, qcow2).reason.empty());
    const auto mountPoint = devices.images.at("mnt");
    fs::create_directory(mountPoint);
    if (std::system(("mkfs.ext4 -q " + node).c_str()) != 0
        || ::mount(node.c_str(), mountPoint.c_str(), "ext4", 0, nullptr) != 0) {
        WARN("no file system can be mounted here: not tested");
        return;
    }
    requireInUse();
    CHECK(::umount(mountPoint.c_str()) == 0);
    CHECK(answerOf(storage, ImagePath{node}, raw).reason.empty());
}

TEST_CASE("A4: the header on a block device counts as a file's does")
{
    const Devices devices;
    if (!devices.usable())
        return;
    const auto disk = devices.makeLink("disk");
    const auto storage = devices.allow({disk});
    devices.images.create("-f raw base.img 1M");
    CHECK(answerOf(storage, ImagePath{disk}, qcow2).reason == "FORMAT_MISMATCH");
    devices.device.write(qcow2On(devices.images.at("base.img"), "raw"));
    CHECK(answerOf(storage, ImagePath{disk}, raw).reason == "FORMAT_MISMATCH");
    const auto source = storage.resolve(ImagePath{disk}, qcow2);
    CHECK(source.path == disk);
    CHECK(source.backing == std::vector{devices.images.at("base.img")});
    devices.device.write(qcow2On(devices.images.outside + "/base.img", "raw"));
    CHECK(answerOf(storage, ImagePath{disk}, qcow2).reason == "SOURCE_NOT_ALLOWED");
}

TEST_CASE("A4: names in a device's header start from the directory of its allowed name")
{
    const Devices devices;
    if (!devices.usable())
        return;
    const auto top = devices.makeLink("top"), asked = devices.images.at("link");
    fs::create_symlink(top, asked);
    devices.images.create("-f raw base 1M");
    devices.device.write(qcow2On("base", "raw"));
    const auto answer = answerOf(devices.allow({devices.link("*")}), ImagePath{asked}, qcow2);
    CHECK(answer.reason == "SOURCE_NOT_FOUND");
    CHECK_THAT(answer.sentence, Catch::Contains("the backing file base of " + top));
}

TEST_CASE("A4: a layer on a block device must be allowed by its own name")
{
    const Devices devices;
    if (!devices.usable())
        return;
    const auto disk = devices.makeLink("disk"), node = devices.device.path(), top = devices.images.at("top.qcow2");
    test::write(top, qcow2On(disk, "raw"));
    const auto answer = answerOf(devices.allow({}), ImagePath{top}, qcow2);
    CHECK(answer.reason == "SOURCE_NOT_ALLOWED");
    CHECK_THAT(answer.sentence, Catch::Contains("the backing file " + disk) && Catch::Contains("--block-device"));
    CHECK(devices.allow({disk}).resolve(ImagePath{top}, qcow2).backing == std::vector{node});

    Qcow2Bytes withData;
    withData.features = 4;
    withData.extensions = {{Qcow2Bytes::dataFile, disk}};
    test::write(top, withData.str());
    CHECK(answerOf(devices.allow({}), ImagePath{top}, qcow2).reason == "SOURCE_NOT_ALLOWED");
    CHECK(devices.allow({disk}).resolve(ImagePath{top}, qcow2).backing == std::vector{node});
}

TEST_CASE("A4: a chain that names one device by two names is refused")
{
    const Devices devices;
    if (!devices.usable())
        return;
    devices.device.write(qcow2On(devices.makeLink("disk"), "qcow2"));
    const auto answer =
        answerOf(devices.allow({"/dev/*", devices.link("*")}), ImagePath{devices.device.path()}, qcow2);
    CHECK(answer.reason == "SOURCE_NOT_ALLOWED");
    CHECK_THAT(answer.sentence, Catch::Contains("twice"));
}

TEST_CASE("A4: what another host wrote to a device is seen, whatever this host remembers of it")
{
    const Devices devices;
    if (!devices.usable())
        return;
    const auto node = devices.device.path();
    const FileDescriptor open(::open(node.c_str(), O_RDONLY | O_CLOEXEC));
    char remembered = 0;
    CHECK(::pread(open.get(), &remembered, 1, 0) == 1);
    std::fstream(devices.images.directory / "disk", std::ios::binary | std::ios::in | std::ios::out)
        << Qcow2Bytes().str();
    CHECK(answerOf(devices.allow({node}), ImagePath{node}, raw).reason == "FORMAT_MISMATCH");
}
