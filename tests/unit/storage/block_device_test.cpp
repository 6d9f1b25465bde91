#include "unit/storage/device_fixture.h"

#include <future>
#include <sys/sysmacros.h>

using namespace hotplug;
using test::answerOf, test::Devices;
namespace fs = std::filesystem;

namespace {

constexpr auto raw = DiskFormat::Raw;

} // namespace

TEST_CASE("A4: a block device is plugged by the first of its names that the administrator allows")
{
    const Devices devices;
    if (!devices.usable())
        return;
    const auto node = devices.device.path(), disk = devices.makeLink("disk"), alias = devices.makeLink("alias", "disk");
    const auto outside = devices.images.at("link");
    fs::create_symlink(alias, outside);
    struct Case {
        std::string asked, pattern, path;
    };
    const Case cases[] = {
        {node, node, node},
        {"/dev/." + node.substr(4), "/dev/*", node},
        {"/" + node, "/dev/[k-m]oop?*", node},
        {disk, devices.link("*"), disk},
        {disk, "/dev/*/d?sk", disk},
        {disk, node, node},
        {alias, devices.link("*"), alias},
        {alias, disk, disk},
        {outside, devices.link("*"), alias},
        {outside, disk, disk},
    };
    for (const auto& one : cases) {
        CAPTURE(one.asked, one.pattern);
        const auto source = devices.allow({"/dev/other", one.pattern}).resolve(ImagePath{one.asked}, raw);
        CHECK(source.kind == SourceKind::Block);
        CHECK(source.path == one.path);
        CHECK(source.names.front() == one.asked);
        CHECK(source.names.back() == node);
        CHECK(source.backing.empty());
    }
    CHECK(devices.allow({disk}).resolve(ImagePath{alias}, raw).names == std::vector{alias, disk, node});
}

TEST_CASE("A4: a block device that no pattern allows is refused with the option to set")
{
    const Devices devices;
    if (!devices.usable())
        return;
    const auto node = devices.device.path(), disk = devices.makeLink("disk"), away = devices.images.at("link");
    fs::create_symlink(node, away);
    struct Case {
        std::string asked, pattern;
    };
    const Case cases[] = {
        {node, ""},
        {node, "*"},
        {node, node + "?"},
        {node, "/dev/*/*"},
        {node, disk},                           // a link that was not asked for says nothing of the device
        {disk, "/dev/*/" + fs::path(node).filename().string()},
        {disk, devices.link("d")},
        {away, away},                           // names outside /dev do not count
        {away, devices.images.at("*")},
        {away, disk},
    };
    for (const auto& one : cases) {
        CAPTURE(one.asked, one.pattern);
        const auto answer = answerOf(devices.allow({one.pattern}), ImagePath{one.asked}, raw);
        CHECK(answer.reason == "SOURCE_NOT_ALLOWED");
        CHECK_THAT(answer.sentence, Catch::Contains("--block-device"));
    }
}

TEST_CASE("A4: whether a name in /dev that is not allowed exists does not show")
{
    const Devices devices;
    if (!devices.usable())
        return;
    const auto there = devices.makeLink("there"), gone = devices.link("gone");
    const auto storage = devices.allow({"/dev/other"});
    auto answer = answerOf(storage, ImagePath{gone}, raw);
    CHECK(answer.reason == "SOURCE_NOT_ALLOWED");
    answer.sentence.replace(answer.sentence.find(gone), gone.size(), there);
    CHECK(answer.sentence == answerOf(storage, ImagePath{there}, raw).sentence);
}

TEST_CASE("A4: an allowed device that is not there is not found")
{
    const Devices devices;
    if (!devices.usable())
        return;
    devices.makeLink("dangling", "none");
    const auto storage = devices.allow({devices.link("*")});
    for (const auto* name : {"none", "dangling"})
        CHECK(answerOf(storage, ImagePath{devices.link(name)}, raw).reason == "SOURCE_NOT_FOUND");
    CHECK(answerOf(storage, ImagePath{devices.images.at("none")}, raw).reason == "SOURCE_NOT_FOUND");
}

TEST_CASE("A4: no pattern is evaded by the way a path is written")
{
    const Devices devices;
    if (!devices.usable())
        return;
    const auto node = devices.device.path().substr(4);
    fs::create_directory(devices.link("mapper"));
    const auto storage = devices.allow({devices.link("mapper/*"), "/dev/mapper/*"});
    for (const auto& path : {"/dev/mapper/.." + node, devices.link("mapper/../..") + node,
             std::string("/dev/../etc/passwd"), "/dev/mapper/\n" + node, "dev" + node,
             "/dev/mapper/" + std::string(256, 'x')}) {
        CAPTURE(path);
        CHECK(answerOf(storage, ImagePath{path}, raw).reason == "INVALID_PARAMETER");
    }
    devices.makeLink("mapper/out", "/etc/passwd");
    devices.makeLink("mapper/up", "..");
    for (const auto& path : {devices.link("mapper/out"), devices.link("mapper/up/..") + node,
             devices.link("mapper/up/mapper/up") + node, std::string("/dev/mapper"), std::string("/dev"),
             std::string("/dev/")}) {
        CAPTURE(path);
        CHECK(answerOf(storage, ImagePath{path}, raw).reason != "");
    }
}

TEST_CASE("A4: a link in /dev that others than root can bend allows nothing")
{
    const Devices devices;
    if (!devices.usable())
        return;
    fs::create_directory(devices.link("theirs"));
    const auto theirs = devices.makeLink("disk"), below = devices.makeLink("theirs/disk");
    const auto over = devices.makeLink("over", "theirs/disk");
    CHECK(::lchown(theirs.c_str(), 12345, 0) == 0);
    CHECK(::lchown(devices.link("theirs").c_str(), 12345, 0) == 0);
    const auto storage = devices.allow({devices.link("*"), devices.link("theirs/*")});
    for (const auto& path : {theirs, below, over})
        CHECK(answerOf(storage, ImagePath{path}, raw).reason == "SOURCE_NOT_ALLOWED");
    CHECK(::lchown(devices.link("theirs").c_str(), 0, 0) == 0);
    CHECK(answerOf(storage, ImagePath{over}, raw).reason.empty());
}

TEST_CASE("A4: a device node outside /dev is refused, whoever made it")
{
    const Devices devices;
    if (!devices.usable())
        return;
    const auto node = devices.images.at("node"), link = devices.makeLink("link", node);
    REQUIRE(::mknod(node.c_str(), S_IFBLK | 0600, devices.device.number()) == 0);
    for (const auto& path : {node, link}) {
        const auto answer = answerOf(devices.allow({"/dev/*", devices.link("*"), node}), ImagePath{path}, raw);
        CHECK(answer.reason == "SOURCE_NOT_ALLOWED");
        CHECK_THAT(answer.sentence, Catch::Contains("outside /dev"));
    }
}

TEST_CASE("A4: a pattern allows block devices only, and opens nothing else")
{
    const Devices devices;
    if (!devices.usable())
        return;
    REQUIRE(::mkfifo(devices.link("fifo").c_str(), 0600) == 0);
    REQUIRE(::mknod(devices.link("null").c_str(), S_IFCHR | 0600, makedev(1, 3)) == 0);
    fs::create_directory(devices.link("directory"));
    test::write(devices.link("file"), "x");
    const auto storage = devices.allow({devices.link("*")});
    for (const auto* name : {"fifo", "null", "directory", "file"}) {
        const auto answer = answerOf(storage, ImagePath{devices.link(name)}, raw);
        CAPTURE(name);
        CHECK(answer.reason == "SOURCE_NOT_ALLOWED");
        CHECK_THAT(answer.sentence, Catch::Contains("no block device that may be plugged"));
    }
}

TEST_CASE("A4: looks at one device at the same time do not take each other for its holder")
{
    const Devices devices;
    if (!devices.usable())
        return;
    const auto storage = devices.allow({devices.device.path()});
    std::vector<std::future<std::string>> answers;
    for (int i = 0; i < 8; ++i)
        answers.push_back(std::async(std::launch::async, [&] {
            for (int round = 0; round < 20; ++round)
                if (auto answer = answerOf(storage, ImagePath{devices.device.path()}, raw); !answer.reason.empty())
                    return answer.sentence;
            return std::string();
        }));
    for (auto& answer : answers)
        CHECK(answer.get().empty());
}
