#include "unit/storage/image_fixture.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace hotplug;
using test::Images, test::Qcow2Bytes;
namespace fs = std::filesystem;

TEST_CASE("A4: a raw image inside the root is resolved, an empty one too")
{
    const Images images;
    images.create("-f raw a.img 3M");
    test::write(images.at("empty.img"), "");
    for (const auto* name : {"a.img", "empty.img"}) {
        const auto source = images.resolve(images.at(name), DiskFormat::Raw);
        CHECK(source.kind == SourceKind::File);
        CHECK(source.path == images.at(name));
        CHECK(!source.network);
        CHECK(source.names == std::vector{images.at(name)});
        CHECK(source.backing.empty());
    }
}

TEST_CASE("A4: an image is known by the caller's name, the resolved one and every link between")
{
    const Images images;
    images.create("-f raw a.img 1M");
    fs::create_symlink("a.img", images.at("second"));
    fs::create_symlink(images.root + "/./second", images.at("first"));
    const auto asked = images.root + "//first";
    const auto source = images.resolve(asked, DiskFormat::Raw);
    CHECK(source.path == images.at("a.img"));
    CHECK(source.names == std::vector{asked, images.at("a.img"), images.at("first"), images.at("second")});
}

TEST_CASE("A4: a qcow2 image is resolved, whatever options made it")
{
    const auto* options = GENERATE("compat=0.10", "compat=1.1", "cluster_size=512", "cluster_size=2M",
        "extended_l2=on", "compression_type=zstd", "lazy_refcounts=on", "refcount_bits=1");
    const Images images;
    images.create(std::string("-f qcow2 -o ") + options + " a.qcow2 5M");
    const auto source = images.resolve(images.at("a.qcow2"), DiskFormat::Qcow2);
    CHECK(source.path == images.at("a.qcow2"));
    CHECK(source.backing.empty());
}

TEST_CASE("A4: every layer of a backing chain is found, top first")
{
    const Images images;
    fs::create_directory(images.at("template"));
    images.create("-f raw template/base.img 1M");
    images.create("-f qcow2 -F raw -b base.img template/middle.qcow2");
    images.create("-f qcow2 -o compat=0.10 -F qcow2 -b ./template/middle.qcow2 upper.qcow2 2M");
    images.create("-f qcow2 -F qcow2 -b " + images.at("upper.qcow2") + " top.qcow2");
    const auto source = images.resolve(images.at("top.qcow2"), DiskFormat::Qcow2);
    CHECK(source.backing
        == std::vector{images.at("upper.qcow2"), images.at("template/middle.qcow2"), images.at("template/base.img")});
}

TEST_CASE("A4: a backing name may begin with .. as long as it stays inside the root")
{
    const Images images;
    fs::create_directory(images.at("a"));
    fs::create_directory(images.at("b"));
    images.create("-f raw b/base.img 1M");
    images.create("-f qcow2 -F raw -b ../b/base.img a/top.qcow2");
    CHECK(images.resolve(images.at("a/top.qcow2"), DiskFormat::Qcow2).backing.back() == images.at("b/base.img"));
}

TEST_CASE("A4: behind a symlinked layer names start from the link's directory, as QEMU reads them")
{
    const Images images;
    fs::create_directory(images.at("a"));
    fs::create_directory(images.at("b"));
    images.create("-f raw a/base.img 1M");
    images.create("-f raw b/base.img 1M");
    images.create("-f qcow2 -F raw -b base.img b/real.qcow2");
    fs::create_symlink("../b/real.qcow2", images.at("a/link.qcow2"));
    images.create("-f qcow2 -F qcow2 -b link.qcow2 a/top.qcow2");
    const auto source = images.resolve(images.at("a/top.qcow2"), DiskFormat::Qcow2);
    CHECK(source.backing == std::vector{images.at("b/real.qcow2"), images.at("a/base.img")});
}

TEST_CASE("A4: an external data file is a layer, and must be named absolutely")
{
    const Images images;
    images.create("-f qcow2 -o data_file=" + images.at("data.raw") + " top.qcow2 1M");
    CHECK(images.resolve(images.at("top.qcow2"), DiskFormat::Qcow2).backing
        == std::vector{images.at("data.raw")});
    images.create("-f qcow2 -o data_file=data2.raw relative.qcow2 1M");
    const auto answer = images.ask(images.at("relative.qcow2"), DiskFormat::Qcow2);
    CHECK(answer.reason == "SOURCE_NOT_ALLOWED");
    CHECK_THAT(answer.sentence, Catch::Contains("working directory"));
}

TEST_CASE("A4: the declared format must be the header's")
{
    const Images images;
    images.create("-f raw a.raw 1M");
    CHECK(images.ask(images.at("a.raw"), DiskFormat::Qcow2).reason == "FORMAT_MISMATCH");
    const auto* format = GENERATE("qcow2", "qcow", "qed", "vmdk", "vdi", "vhdx", "vpc", "parallels");
    CAPTURE(format);
    images.create(std::string("-f ") + format + " image 8M");
    const auto asRaw = images.ask(images.at("image"), DiskFormat::Raw);
    CHECK(asRaw.reason == "FORMAT_MISMATCH");
    CHECK_THAT(asRaw.sentence, Catch::Contains(std::string("has a ") + format + " header"));
    const auto asQcow2 = images.ask(images.at("image"), DiskFormat::Qcow2);
    CHECK(asQcow2.reason == (format == std::string("qcow2") ? "" : "FORMAT_MISMATCH"));
}

TEST_CASE("A4: a disk that its guest encrypted with LUKS is raw like any other")
{
    const Images images;
    test::write(images.at("a.img"), std::string("LUKS\xba\xbe\0\2", 8) + std::string(4096, 'x'));
    CHECK(images.ask(images.at("a.img"), DiskFormat::Raw).reason.empty());
}

TEST_CASE("A4: an encrypted qcow2 image is refused")
{
    const Images images;
    Qcow2Bytes bytes;
    bytes.encryption = GENERATE(1u, 2u);        // AES, LUKS
    test::write(images.at("a.qcow2"), bytes.str());
    const auto answer = images.ask(images.at("a.qcow2"), DiskFormat::Qcow2);
    CHECK(answer.reason == "NOT_SUPPORTED");
    CHECK_THAT(answer.sentence, Catch::Contains("encrypted"));
}

TEST_CASE("A4: a damaged header is refused with the file's name and the damage")
{
    const Images images;
    Qcow2Bytes bytes;
    bytes.clusterBits = 60;
    test::write(images.at("a.qcow2"), bytes.str());
    const auto answer = images.ask(images.at("a.qcow2"), DiskFormat::Qcow2);
    CHECK(answer.reason == "FORMAT_MISMATCH");
    CHECK_THAT(answer.sentence, Catch::Contains(images.at("a.qcow2")) && Catch::Contains("2^60"));
}

TEST_CASE("A4: asking about what is neither file nor block device neither hangs nor opens it")
{
    const Images images;
    fs::create_directory(images.at("directory"));
    REQUIRE(::mkfifo(images.at("fifo").c_str(), 0600) == 0);
    REQUIRE(::mknod(images.at("socket").c_str(), S_IFSOCK | 0600, 0) == 0);
    if (::geteuid() == 0)
        CHECK(::mknod(images.at("tty").c_str(), S_IFCHR | 0600, makedev(5, 0)) == 0);
    for (const auto& entry : fs::directory_iterator(images.root)) {
        CHECK(images.ask(entry.path(), DiskFormat::Raw).reason == "SOURCE_NOT_ALLOWED");
        CHECK(images.askWithBacking(entry.path()).reason == "SOURCE_NOT_ALLOWED");
    }
}

TEST_CASE("A4: what hotplugd's user may not read is not allowed")
{
    if (::geteuid() != 0)
        return;                                 // needs to become somebody else
    const Images images;
    images.create("-f raw a.img 1M");
    fs::permissions(images.at("a.img"), fs::perms::none);
    fs::permissions(images.directory.path(), fs::perms::others_exec, fs::perm_options::add);
    const pid_t child = ::fork();
    if (child == 0) {
        const bool changed = ::setgid(65534) == 0 && ::setuid(65534) == 0;
        const auto answer = images.ask(images.at("a.img"), DiskFormat::Raw);
        const bool told = answer.sentence.find("permission") != std::string::npos;
        ::_exit(changed && told && answer.reason == "SOURCE_NOT_ALLOWED" ? 0 : 1);
    }
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
}
