#include "storage/image_name.h"
#include "storage/image_signature.h"
#include "support/catch.h"

using namespace hotplug;
using namespace std::string_literals;

TEST_CASE("A4: names with control characters or broken UTF-8 are not printable")
{
    for (const auto& good : {"", "/images/a b.img", "/images/\xc3\xa4.img", "/\xe2\x82\xac", "/\xf0\x9f\x92\xbe"})
        CHECK(isPrintable(good));
    for (const auto& bad : {"a\0b"s, "a\nb"s, "\x1b[2J"s, "a\x7f"s, "\x80"s, "\xc3"s, "\xc0\xaf"s, "\xe0\x80\xaf"s,
             "\xed\xa0\x80"s, "\xf4\x90\x80\x80"s, "\xf5\x80\x80\x80"s, "\xe2\x82"s, "\xe2\x28\xa1"s,
             "a\xef\xbf\xbe"s, "\xef\xbf\xbf"s})
        CHECK(!isPrintable(bad));
    CHECK(shown("a\nb") == "(a name that cannot be printed)");
    CHECK(shown("a.img") == "\"a.img\"");
}

TEST_CASE("A4: .. is allowed only at the front of a relative name")
{
    for (const auto* good : {"../base.img", "../../t/base.img", "./../base.img", "a..b", "/a/..b/c", "..."})
        CHECK(!hasInnerDotDot(good));
    for (const auto* bad : {"/..", "/a/../b", "a/..", "../a/../b", "/a/b/..", "//.."})
        CHECK(hasInnerDotDot(bad));
}

TEST_CASE("A4: a colon before any slash is a protocol, as it is to QEMU")
{
    for (const auto* bad : {"json:{}", "nbd://host/x", "file:/images/a", "fat:rw:/", ":"})
        CHECK(hasProtocol(bad));
    for (const auto* good : {"/images/a:b", "./a:b", "a/b:c", "a"})
        CHECK(!hasProtocol(good));
}

TEST_CASE("A4: parts of more than 255 bytes are found, whatever surrounds them")
{
    CHECK(!hasOverlongPart("/a/" + std::string(255, 'x') + "/b"));
    CHECK(hasOverlongPart("/a/" + std::string(256, 'x') + "/b"));
    CHECK(hasOverlongPart(std::string(256, 'x')));
}

TEST_CASE("A4: the directory of a path is what stands before its last slash")
{
    CHECK(lexicalDirectory("/images/a/b.img") == "/images/a");
    CHECK(lexicalDirectory("/b.img") == "/");
}

TEST_CASE("A4: images are told by their signatures; LUKS made by a guest stays raw")
{
    const auto signature = [](const std::string& text) {
        return imageSignature({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    };
    CHECK(signature("QFI\xfb\0\0\0\3"s) == "qcow2");
    CHECK(signature("QFI\xfb\0\0\0\1"s) == "qcow");
    CHECK(signature("KDMV"s) == "vmdk");
    CHECK(signature("vhdxfile"s) == "vhdx");
    CHECK(signature(std::string(64, '\0') + "\x7f\x10\xda\xbe") == "vdi");
    CHECK(signature("LUKS\xba\xbe\0\1"s).empty());
    CHECK(signature("QFI"s).empty());
    CHECK(signature(""s).empty());
}
