#include "base/scope_guard.h"
#include "unit/storage/image_fixture.h"

#include <atomic>
#include <cstdio>
#include <fcntl.h>
#include <thread>

using namespace hotplug;
using test::allowing, test::answerOf, test::Images, test::Qcow2Bytes;
namespace fs = std::filesystem;

namespace {

std::string without(std::string text, const std::string& part)
{
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part))
        text.erase(at, part.size());
    return text;
}

} // namespace

TEST_CASE("A4: without an image root no path is allowed")
{
    const Images images;
    images.create("-f raw a.img 1M");
    const Storage nothing{StoragePolicy{}};
    CHECK_THROWS_WITH(nothing.resolve(ImagePath{images.at("a.img")}, DiskFormat::Raw), Catch::Contains("image roots"));
}

TEST_CASE("A4: a neighbour whose name begins like the root's is outside")
{
    const Images images;
    test::write(images.outside + "/a.img", "x");
    CHECK(images.ask(images.outside + "/a.img", DiskFormat::Raw).reason == "SOURCE_NOT_ALLOWED");
}

TEST_CASE("A4: a root may be a symlink, end in slashes or be the whole file system")
{
    const Images images;
    images.create("-f raw a.img 1M");
    const auto link = images.directory / "link";
    fs::create_directory_symlink(images.root, link);
    for (const auto& root : {link, images.root + "//", std::string("/")}) {
        const Storage storage{allowing({root})};
        CHECK(storage.resolve(ImagePath{images.at("a.img")}, DiskFormat::Raw).path == images.at("a.img"));
        CHECK(storage.resolve(ImagePath{link + "/a.img"}, DiskFormat::Raw).path == images.at("a.img"));
    }
}

TEST_CASE("A4: roots that are relative, empty or missing allow nothing and disturb no other")
{
    const Images images;
    images.create("-f raw a.img 1M");
    const Storage storage{allowing({"", "images", "/no/such/root", images.root})};
    CHECK(storage.resolve(ImagePath{images.at("a.img")}, DiskFormat::Raw).path == images.at("a.img"));
    CHECK(answerOf(storage, ImagePath{"/no/such/root/a.img"}, DiskFormat::Raw).reason == "SOURCE_NOT_FOUND");
    CHECK(answerOf(storage, ImagePath{"/no/such/other/a.img"}, DiskFormat::Raw).reason == "SOURCE_NOT_FOUND");
    CHECK(answerOf(storage, ImagePath{"/none/a.img"}, DiskFormat::Raw).reason == "SOURCE_NOT_ALLOWED");
}

TEST_CASE("A4: a path that is no plain absolute path is an invalid parameter")
{
    const Images images;
    images.create("-f raw a.img 1M");
    const std::string paths[] = {"", "a.img", "./a.img", "nbd://host/a", "json:{}", images.root + "/../images/a.img",
        images.at("a.img") + std::string("\0.qcow2", 7), images.at("a\n.img"), images.at("\xff.img"),
        images.at(std::string(256, 'x')), "/" + std::string(5000, '/')};
    for (const auto& path : paths) {
        CAPTURE(path);
        CHECK(images.ask(path, DiskFormat::Raw).reason == "INVALID_PARAMETER");
    }
}

TEST_CASE("A4: a missing file inside the root is not found")
{
    const Images images;
    const auto answer = images.ask(images.at("none.img"), DiskFormat::Raw);
    CHECK(answer.reason == "SOURCE_NOT_FOUND");
    CHECK_THAT(answer.sentence, Catch::Contains(images.at("none.img")));
    CHECK(images.ask(images.at("no/such/directory.img"), DiskFormat::Raw).reason == "SOURCE_NOT_FOUND");
}

TEST_CASE("A4: whether a file outside the roots exists does not show")
{
    const Images images;
    test::write(images.outside + "/file", "x");
    const auto existing = images.ask(images.outside + "/file", DiskFormat::Raw);
    CHECK(existing.reason == "SOURCE_NOT_ALLOWED");
    for (const auto* other : {"/none", "/none/none", "/file/none", "/"}) {
        const auto answer = images.ask(images.outside + other, DiskFormat::Raw);
        CHECK(answer.reason == existing.reason);
        CHECK(without(answer.sentence, images.outside + other) == without(existing.sentence, images.outside + "/file"));
    }
}

TEST_CASE("A4: symlinks that lead out of the roots are refused, dangling or not")
{
    const Images images;
    test::write(images.outside + "/file", "x");
    fs::create_symlink(images.outside + "/file", images.at("out"));
    fs::create_symlink(images.outside + "/none", images.at("dangling"));
    fs::create_symlink("../images-evil", images.at("directory"));
    fs::create_symlink("loop", images.at("loop"));
    for (const auto* name : {"out", "dangling", "directory/file", "directory/none", "loop"}) {
        CAPTURE(name);
        CHECK(images.ask(images.at(name), DiskFormat::Raw).reason == "SOURCE_NOT_ALLOWED");
    }
}

TEST_CASE("A4: whoever swaps a link or a directory under our eyes gains nothing")
{
    const Images images;
    fs::create_directory(images.at("directory"));
    test::write(images.at("directory/a.img"), "x");
    test::write(images.outside + "/a.img", Qcow2Bytes().str());      // its header would betray that it was read
    fs::create_symlink(images.at("directory"), images.at("link"));
    fs::create_symlink(images.outside, images.at("evil"));
    fs::create_symlink(images.outside, images.at("worse"));
    std::atomic<bool> done{false};
    std::thread swapper([&] {
        while (!done) {
            ::renameat2(AT_FDCWD, images.at("directory").c_str(), AT_FDCWD, images.at("evil").c_str(), RENAME_EXCHANGE);
            ::renameat2(AT_FDCWD, images.at("link").c_str(), AT_FDCWD, images.at("worse").c_str(), RENAME_EXCHANGE);
        }
    });
    const ScopeGuard stop([&] { done = true; swapper.join(); });
    for (int i = 0; i < 500; ++i) {
        const auto answer = images.ask(images.at(i % 2 ? "link/a.img" : "directory/a.img"), DiskFormat::Raw);
        if (!answer.reason.empty())
            CHECK(answer.reason == "SOURCE_NOT_ALLOWED");
    }
}

TEST_CASE("A4: a symlink to a file whose name cannot be written in XML is refused")
{
    const Images images;
    test::write(images.at("a\nb.img"), "x");
    fs::create_symlink("a\nb.img", images.at("link"));
    CHECK(images.ask(images.at("link"), DiskFormat::Raw).reason == "SOURCE_NOT_ALLOWED");
}

TEST_CASE("A4: an image inside the root whose backing file lies outside is refused")
{
    const Images images;
    test::write(images.outside + "/base.img", std::string(1 << 20, '\0'));
    fs::create_symlink(images.outside + "/base.img", images.at("link.img"));
    for (const std::string& backing : {images.outside + "/base.img", std::string("../images-evil/base.img"),
             std::string("link.img"), std::string("/etc/shadow"), std::string("/dev/sda"),
             std::string("../../../etc/none")}) {
        const auto answer = images.askWithBacking(backing);
        CAPTURE(backing);
        CHECK(answer.reason == "SOURCE_NOT_ALLOWED");
        CHECK_THAT(answer.sentence, Catch::Contains("the backing file " + backing + " of " + images.at("top.qcow2")));
    }
}

TEST_CASE("A4: an image inside the root whose data file lies outside is refused")
{
    const Images images;
    Qcow2Bytes bytes;
    bytes.features = 4;
    bytes.extensions = {{Qcow2Bytes::dataFile, "/etc/passwd"}};
    test::write(images.at("top.qcow2"), bytes.str());
    const auto answer = images.ask(images.at("top.qcow2"), DiskFormat::Qcow2);
    CHECK(answer.reason == "SOURCE_NOT_ALLOWED");
    CHECK_THAT(answer.sentence, Catch::Contains("the data file /etc/passwd of"));
}

TEST_CASE("A4: backing names that only QEMU could follow, or nobody should, are refused")
{
    const Images images;
    images.create("-f raw base.img 1M");
    for (const std::string& backing : {std::string("json:{\"driver\":\"file\"}"), std::string("nbd://host/disk"),
             std::string("file:base.img"), std::string("fat:rw:/etc"), std::string("base.img\0/etc/shadow", 20),
             std::string("base\n.img"), images.root + "/../images/base.img", std::string("./x/../base.img")}) {
        CAPTURE(backing);
        CHECK(images.askWithBacking(backing).reason == "SOURCE_NOT_ALLOWED");
    }
    CHECK(images.askWithBacking("base.img").reason.empty());
    CHECK(images.askWithBacking("none.img").reason == "SOURCE_NOT_FOUND");
}

TEST_CASE("A4: a backing format must be named, be raw or qcow2, and be the backing file's")
{
    const Images images;
    images.create("-f raw base.img 1M");
    images.create("-f qcow2 base.qcow2 1M");
    images.create("-f vmdk base.vmdk 1M");
    CHECK(images.askWithBacking("base.qcow2", "qcow2").reason.empty());
    CHECK(images.askWithBacking("base.qcow2", "raw").reason == "FORMAT_MISMATCH");
    CHECK(images.askWithBacking("base.img", "qcow2").reason == "FORMAT_MISMATCH");
    CHECK(images.askWithBacking("base.vmdk", "vmdk").reason == "FORMAT_MISMATCH");
    CHECK(images.askWithBacking("base.img", std::string("raw\0qcow2", 9)).reason == "FORMAT_MISMATCH");
    Qcow2Bytes bytes;
    bytes.backing = "base.img";
    test::write(images.at("top.qcow2"), bytes.str());
    const auto unnamed = images.ask(images.at("top.qcow2"), DiskFormat::Qcow2);
    CHECK(unnamed.reason == "FORMAT_MISMATCH");
    CHECK_THAT(unnamed.sentence, Catch::Contains("qemu-img rebase"));
}

TEST_CASE("A4: chains that bite their own tail are refused")
{
    const Images images;
    CHECK(images.askWithBacking("top.qcow2", "qcow2").reason == "SOURCE_NOT_ALLOWED");
    Qcow2Bytes bytes;
    bytes.backing = "top.qcow2";
    bytes.extensions = {{Qcow2Bytes::backingFormat, "qcow2"}};
    test::write(images.at("other.qcow2"), bytes.str());
    const auto answer = images.askWithBacking("other.qcow2", "qcow2");
    CHECK(answer.reason == "SOURCE_NOT_ALLOWED");
    CHECK_THAT(answer.sentence, Catch::Contains("twice"));
}

TEST_CASE("A4: a chain has at most 32 layers")
{
    const Images images;
    images.create("-f raw 0 1M");
    for (int i = 1; i <= 32; ++i) {
        Qcow2Bytes bytes;
        bytes.backing = std::to_string(i - 1);
        bytes.extensions = {{Qcow2Bytes::backingFormat, i == 1 ? "raw" : "qcow2"}};
        test::write(images.at(std::to_string(i)), bytes.str());
    }
    CHECK(images.resolve(images.at("31"), DiskFormat::Qcow2).backing.size() == 31);
    const auto answer = images.ask(images.at("32"), DiskFormat::Qcow2);
    CHECK(answer.reason == "SOURCE_NOT_ALLOWED");
    CHECK_THAT(answer.sentence, Catch::Contains("at most 32"));
}
