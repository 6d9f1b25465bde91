#include "unit/storage/device_fixture.h"

using namespace hotplug;
using test::answerOf, test::Qcow2Bytes, test::TempDirectory;
namespace fs = std::filesystem;

namespace {

constexpr auto raw = DiskFormat::Raw, qcow2 = DiskFormat::Qcow2;

Uuid uuid(char last)
{
    return *Uuid::parse(std::string("d1a2b3c4-0000-4000-8000-00000000000") + last);
}

const ImageQuartet quartet{uuid('1'), uuid('2'), uuid('3'), uuid('4')};

/// A data centre as VDSM keeps it: the domain is a link to where its storage is mounted.
struct DataCenter {
    TempDirectory directory;
    std::string root = directory / "data-center", domain = root + "/mnt/server:_export/" + quartet.domain.str();
    std::string image = domain + "/images/" + quartet.image.str(), volume = image + '/' + quartet.volume.str();

    DataCenter()
    {
        fs::create_directories(image);
        fs::create_directories(root + '/' + quartet.pool.str());
        fs::create_directory_symlink(domain, named(""));
    }
    /// As the quartet names it, below the domain.
    std::string named(const std::string& below) const
    {
        return fmt::format("{}/{}/{}{}", root, quartet.pool.str(), quartet.domain.str(), below);
    }
    std::string namedVolume() const
    {
        return named(fmt::format("/images/{}/{}", quartet.image.str(), quartet.volume.str()));
    }
    Storage storage(std::vector<std::string> imageRoots = {}, std::vector<std::string> devices = {}) const
    {
        return Storage({std::move(imageRoots), std::move(devices), root, milliseconds(10'000)});
    }
    void writeVolume(const std::string& backing) const
    {
        Qcow2Bytes bytes;
        bytes.backing = backing;
        bytes.extensions = {{Qcow2Bytes::backingFormat, "raw"}};
        test::write(volume, bytes.str());
    }
};

} // namespace

TEST_CASE("A4: a quartet is the image's volume under the data centre's root, behind VDSM's links")
{
    const DataCenter center;
    test::write(center.volume, "x");
    for (const auto& root : {center.root, center.root + "//"}) {
        const Storage storage({{}, {}, root, milliseconds(10'000)});
        const auto source = storage.resolve(quartet, raw);
        CHECK(source.kind == SourceKind::File);
        CHECK(source.path == center.volume);
        CHECK(source.names == std::vector{center.namedVolume(), center.volume});
        CHECK(storage.namesOf(quartet) == source.names);
    }
}

TEST_CASE("A4: a quartet's layers may lie under the data centre's root and in the image roots")
{
    const DataCenter center;
    const auto images = center.directory / "images";
    fs::create_directories(center.domain + "/images/template");
    fs::create_directory(images);
    for (const auto& base : {center.domain + "/images/template/base", images + "/base", center.directory / "base"})
        test::write(base, "x");
    const auto storage = center.storage({images});
    for (const auto& [backing, found] : std::map<std::string, std::string>{
             {"../template/base", center.domain + "/images/template/base"},
             {center.named("/images/template/base"), center.domain + "/images/template/base"},
             {images + "/base", images + "/base"}}) {
        center.writeVolume(backing);
        CHECK(storage.resolve(quartet, qcow2).backing == std::vector{found});
    }
    center.writeVolume(center.directory / "base");
    CHECK(answerOf(storage, quartet, qcow2).reason == "SOURCE_NOT_ALLOWED");
}

TEST_CASE("A4: the data centre's root allows no plain path, and nothing to an image in the image roots")
{
    const DataCenter center;
    test::write(center.volume, "x");
    const auto storage = center.storage({center.directory / "images"});
    for (const auto& path : {center.volume, center.namedVolume()})
        CHECK(answerOf(storage, ImagePath{path}, raw).reason == "SOURCE_NOT_ALLOWED");
    fs::create_directory(center.directory / "images");
    Qcow2Bytes bytes;
    bytes.backing = center.volume;
    bytes.extensions = {{Qcow2Bytes::backingFormat, "raw"}};
    test::write(center.directory / "images/top", bytes.str());
    CHECK(answerOf(storage, ImagePath{center.directory / "images/top"}, qcow2).reason == "SOURCE_NOT_ALLOWED");
}

TEST_CASE("A4: a quartet whose links lead out of the data centre is refused")
{
    const DataCenter center;
    const auto outside = center.directory / "outside";
    fs::create_directories(outside + "/images/" + quartet.image.str());
    test::write(outside + "/images/" + quartet.image.str() + '/' + quartet.volume.str(), "x");
    fs::remove(center.named(""));
    fs::create_directory_symlink(outside, center.named(""));
    CHECK(answerOf(center.storage(), quartet, raw).reason == "SOURCE_NOT_ALLOWED");
    CHECK(answerOf(center.storage({outside}), quartet, raw).reason.empty());
}

TEST_CASE("A4: a quartet's parts that are missing are not found")
{
    const DataCenter center;
    CHECK(answerOf(center.storage(), quartet, raw).reason == "SOURCE_NOT_FOUND");
    fs::remove_all(center.domain);
    CHECK(answerOf(center.storage(), quartet, raw).reason == "SOURCE_NOT_FOUND");
    CHECK(center.storage().namesOf(quartet) == std::vector{center.namedVolume()});
    fs::remove(center.named(""));
    CHECK(answerOf(center.storage(), quartet, raw).reason == "SOURCE_NOT_FOUND");
}

TEST_CASE("A4: without a data centre's root no quartet is allowed")
{
    const auto answer = answerOf(Storage(StoragePolicy{}), quartet, raw);
    CHECK(answer.reason == "SOURCE_NOT_ALLOWED");
    CHECK_THAT(answer.sentence, Catch::Contains("--data-center-root"));
}

TEST_CASE("A4: a quartet of a block domain is a link to a logical volume, which needs a pattern")
{
    const test::Devices devices;
    if (!devices.usable())
        return;
    const DataCenter center;
    const auto logical = devices.makeLink("lv");
    fs::create_symlink(logical, center.volume);
    const auto answer = answerOf(center.storage(), quartet, raw);
    CHECK(answer.reason == "SOURCE_NOT_ALLOWED");
    CHECK_THAT(answer.sentence, Catch::Contains("--block-device"));
    const auto storage = center.storage({}, {devices.link("*")});
    const auto source = storage.resolve(quartet, raw);
    CHECK(source.kind == SourceKind::Block);
    CHECK(source.path == logical);
    CHECK(source.names == std::vector{center.namedVolume(), logical, center.volume, devices.device.path()});
    CHECK(storage.namesOf(quartet).front() == center.namedVolume());
}

TEST_CASE("A4: words that are no GUID or UUID are an invalid parameter")
{
    const Storage storage{test::allowing({}, {"/dev/*", "/dev/*/*", "/dev/*/*/*"})};
    for (const auto& word : {std::string(), std::string("."), std::string(".."), std::string("../sda"),
             std::string("a/b"), std::string("/dev/sda"), std::string("a b"), std::string("a\n"),
             std::string("a\0b", 3), std::string("*"), std::string("\xc3\xa4"), std::string(128, 'x')}) {
        CAPTURE(word);
        CHECK(answerOf(storage, MultipathGuid{word}, raw).reason == "INVALID_PARAMETER");
        CHECK(answerOf(storage, FileSystemUuid{word}, raw).reason == "INVALID_PARAMETER");
        CHECK(storage.namesOf(MultipathGuid{word}) == std::vector{"/dev/mapper/" + word});
    }
    for (const auto* word : {"1234_ABCD", "1234.ABCD"})
        CHECK(answerOf(storage, FileSystemUuid{word}, raw).reason == "INVALID_PARAMETER");
    CHECK(answerOf(storage, MultipathGuid{"36001405_a.b-c"}, raw).reason == "SOURCE_NOT_FOUND");
    CHECK(answerOf(storage, FileSystemUuid{"1234-ABCD"}, raw).reason == "SOURCE_NOT_FOUND");
}

TEST_CASE("A4: names of a path that is none, leads nowhere or lies outside are told without judging")
{
    const DataCenter center;
    const auto file = center.directory / "file", link = center.directory / "link";
    test::write(file, "x");
    fs::create_symlink("file", link);
    const Storage storage{StoragePolicy{}};
    CHECK(storage.namesOf(ImagePath{link}) == std::vector{link, file});
    for (const auto& path : {std::string(), std::string("file"), center.directory / "none", link + "/../link",
             std::string("/a\nb"), "/" + std::string(5000, 'x'), std::string("json:{}")})
        CHECK(storage.namesOf(ImagePath{path}) == std::vector{path});
}
