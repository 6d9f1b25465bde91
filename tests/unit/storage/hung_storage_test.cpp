#include "unit/storage/image_fixture.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace hotplug;

namespace {

/// A file system that takes requests and never answers, until the object goes: FUSE without its daemon.
class HungFileSystem {
public:
    explicit HungFileSystem(const std::string& directory)
        : directory_(directory), device_(::open("/dev/fuse", O_RDWR | O_CLOEXEC))
    {
        const auto options = fmt::format("fd={},rootmode=40000,user_id=0,group_id=0", device_);
        mounted_ = device_ >= 0 && ::mount("hung", directory.c_str(), "fuse", 0, options.c_str()) == 0;
    }
    ~HungFileSystem()
    {
        answerWithErrors();
        if (mounted_)
            ::umount2(directory_.c_str(), MNT_DETACH);
    }
    HungFileSystem(const HungFileSystem&) = delete;
    HungFileSystem& operator=(const HungFileSystem&) = delete;

    bool mounted() const { return mounted_; }
    void answerWithErrors()
    {
        if (device_ >= 0)
            ::close(device_);
        device_ = -1;
    }

private:
    std::string directory_;
    int device_;
    bool mounted_ = false;
};

milliseconds timeOf(const std::function<void()>& action)
{
    const auto begin = Clock::now();
    action();
    return std::chrono::duration_cast<milliseconds>(Clock::now() - begin);
}

bool comesTrue(const std::function<bool()>& condition)
{
    for (int i = 0; i < 1000; ++i) {
        if (condition())
            return true;
        std::this_thread::sleep_for(milliseconds(10));
    }
    return false;
}

} // namespace

TEST_CASE("A4: storage that never answers is given up in time, and holds up no other root")
{
    const test::Images images;
    images.create("-f raw good.img 1M");
    const auto dead = images.directory / "dead";
    std::filesystem::create_directory(dead);
    HungFileSystem hung(dead);
    if (!hung.mounted()) {
        WARN("no FUSE here: not tested");
        return;
    }
    const Storage storage{test::allowing({dead, images.root}, {}, milliseconds(50))};
    const auto ask = [&] {
        CHECK_THROWS_WITH(
            storage.resolve(ImagePath{dead + "/a.img"}, DiskFormat::Raw),
            Catch::Contains("did not answer within 50 ms"));
    };
    CHECK(timeOf(ask) >= milliseconds(50));
    for (int i = 1; i < 16; ++i)
        ask();
    CHECK(timeOf(ask) < milliseconds(50));      // sixteen threads hang there: not even tried
    const Storage patient{test::allowing({dead, images.root}, {}, milliseconds(10'000))};
    CHECK(patient.resolve(ImagePath{images.at("good.img")}, DiskFormat::Raw).path == images.at("good.img"));

    hung.answerWithErrors();
    CHECK(comesTrue([&] {
        try {
            storage.resolve(ImagePath{dead + "/a.img"}, DiskFormat::Raw);
        } catch (const Refusal& refusal) {
            return std::string(refusal.what()).find("cannot be read") != std::string::npos
                && refusal.reason() == Reason::SourceNotResponding;
        }
        return false;
    }));
}

TEST_CASE("A4: an image whose backing file lies on hung storage is given up in time")
{
    const test::Images images;
    std::filesystem::create_directory(images.at("dead"));
    HungFileSystem hung(images.at("dead"));
    if (!hung.mounted()) {
        WARN("no FUSE here: not tested");
        return;
    }
    test::Qcow2Bytes bytes;
    bytes.backing = "dead/base.img";
    bytes.extensions = {{test::Qcow2Bytes::backingFormat, "raw"}};
    test::write(images.at("top.qcow2"), bytes.str());
    const Storage storage{test::allowing({images.root}, {}, milliseconds(50))};
    CHECK_THROWS_WITH(
        storage.resolve(ImagePath{images.at("top.qcow2")}, DiskFormat::Qcow2), Catch::Contains("did not answer"));
}

TEST_CASE("A4: names are told in time when the storage hangs: those that the words give")
{
    const test::Images images;
    const auto dead = images.directory / "dead";
    std::filesystem::create_directory(dead);
    std::filesystem::create_symlink(dead, images.at("link"));
    HungFileSystem hung(dead);
    if (!hung.mounted()) {
        WARN("no FUSE here: not tested");
        return;
    }
    const Storage storage{test::allowing({dead}, {}, milliseconds(50))};
    for (const auto& path : {dead + "/a.img", images.at("link/a.img")})
        CHECK(storage.namesOf(ImagePath{path}) == std::vector{path});
    CHECK(timeOf([&] { CHECK(storage.canonical("/dev/../" + dead) == "/dev/../" + dead); }) < milliseconds(50));
}
