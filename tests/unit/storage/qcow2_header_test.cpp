#include "storage/qcow2_header.h"
#include "support/catch.h"
#include "unit/storage/qcow2_bytes.h"

using namespace hotplug;
using test::Qcow2Bytes;

namespace {

Qcow2Header parse(const std::string& text)
{
    return parseQcow2Header({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

std::string problemOf(const std::string& text)
{
    try {
        parse(text);
        return "";
    } catch (const MalformedQcow2& error) {
        return error.what();
    }
}

template<typename Spoil> std::string spoilt(Spoil&& spoil)
{
    Qcow2Bytes header;
    spoil(header);
    return header.str();
}

} // namespace

TEST_CASE("A4: a qcow2 header tells size, backing file, its format and the data file")
{
    Qcow2Bytes bytes;
    bytes.features = 4;
    bytes.extensions = {{Qcow2Bytes::featureNames, std::string(384, 'x')}, {Qcow2Bytes::backingFormat, "raw"},
        {Qcow2Bytes::dataFile, "/images/data.raw"}};
    bytes.backing = "base.img";
    const auto header = parse(bytes.str());
    CHECK(header.bytes == 1 << 20);
    CHECK(!header.encrypted);
    CHECK(header.backingName == "base.img");
    CHECK(header.backingFormat == "raw");
    CHECK(header.dataFile == "/images/data.raw");
}

TEST_CASE("A4: a version 2 header has extensions right behind its 72 bytes and no feature bits")
{
    Qcow2Bytes bytes;
    bytes.version = 2;
    bytes.extensions = {{Qcow2Bytes::backingFormat, "qcow2"}};
    bytes.backing = "base.qcow2";
    const auto header = parse(bytes.str());
    CHECK(header.backingName == "base.qcow2");
    CHECK(header.backingFormat == "qcow2");
    CHECK(!header.dataFile);
}

TEST_CASE("A4: a header without backing file and extensions is fine, in every cluster size")
{
    const auto bits = GENERATE(9u, 12u, 16u, 21u);
    Qcow2Bytes bytes;
    bytes.clusterBits = bits;
    bytes.fileSize = std::size_t{1} << bits;
    const auto header = parse(bytes.str());
    CHECK(header.backingName.empty());
    CHECK(!header.backingFormat);
    const auto text = bytes.str();
    CHECK(qcow2HeaderArea({reinterpret_cast<const std::uint8_t*>(text.data()), 24}) == bytes.fileSize);
}

TEST_CASE("A4: an encrypted image says so")
{
    CHECK(parse(spoilt([](auto& h) { h.encryption = 1; })).encrypted);
    CHECK(parse(spoilt([](auto& h) { h.encryption = 2; })).encrypted);
}

TEST_CASE("A4: hostile qcow2 headers are refused with what is wrong with them")
{
    struct Case {
        const char* problem;
        void (*spoil)(Qcow2Bytes&);
    };
    using H = Qcow2Bytes;
    const Case cases[] = {
        {"has no qcow2 header", [](H& h) { h.magic = 0x514649fa; }},
        {"version 1;", [](H& h) { h.version = 1; }},
        {"version 4;", [](H& h) { h.version = 4; }},
        {"clusters of 2^8", [](H& h) { h.clusterBits = 8; }},
        {"clusters of 2^22", [](H& h) { h.clusterBits = 22; }},
        {"clusters of 2^4294967295", [](H& h) { h.clusterBits = 0xffffffff; }},
        {"impossible length of 72", [](H& h) { h.headerLength = 72; }},
        {"impossible length of 4294967295", [](H& h) { h.headerLength = 0xffffffff; }},
        {"impossible length of 65544", [](H& h) { h.headerLength = 65544; }},
        {"impossible disk size", [](H& h) { h.bytes = 0x8000000000000000; }},
        {"features that this version does not know", [](H& h) { h.features = 1 << 5; }},
        {"features that this version does not know", [](H& h) { h.features = std::uint64_t{1} << 63; }},
        {"marked corrupt", [](H& h) { h.features = 1 << 1; }},
        {"whether there is a data file", [](H& h) { h.features = 1 << 2; }},
        {"whether there is a data file", [](H& h) { h.extensions = {{H::dataFile, "/etc/shadow"}}; }},
        {"outside its first cluster", [](H& h) { h.backingOffset = 65537; h.backing = "x"; }},
        {"outside its first cluster", [](H& h) { h.backingOffset = 65535; h.backingSize = 2; }},
        {"outside its first cluster", [](H& h) { h.backingOffset = ~std::uint64_t{0}; h.backingSize = 1; }},
        {"outside its first cluster", [](H& h) { h.backingOffset = 1 << 12; h.backingSize = 0xffffffff; }},
        {"inside its own header fields", [](H& h) { h.backingOffset = 8; h.backing = "x"; }},
        {"more than 1023 bytes", [](H& h) { h.backing = std::string(1024, 'x'); }},
        {"extension that is too large", [](H& h) { h.extensions = {{1, "x", 0xfffffff0}}; }},
        {"extension that is too large", [](H& h) { h.extensions = {{1, "x", 65536}}; }},
        {"extension that is too large",
            [](H& h) { h.extensions = {{H::backingFormat, "raw", 8}}; h.endExtensions = false; h.backing = "x"; }},
        {"backing format twice", [](H& h) { h.extensions = {{H::backingFormat, "raw"}, {H::backingFormat, "qcow2"}}; }},
        {"data file twice",
            [](H& h) { h.features = 4; h.extensions = {{H::dataFile, "/a"}, {H::dataFile, "/b"}}; }},
        {"more than 15 bytes", [](H& h) { h.extensions = {{H::backingFormat, std::string(16, 'x')}}; }},
        {"more than 4095 bytes", [](H& h) { h.features = 4; h.extensions = {{H::dataFile, std::string(4096, 'x')}}; }},
        {"cut off", [](H& h) { h.fileSize = 103; }},
        {"cut off", [](H& h) { h.fileSize = 104; }},
        {"cut off", [](H& h) { h.fileSize = 110; h.backingOffset = 104; h.backingSize = 10; }},
        {"cut off", [](H& h) { h.extensions = {{1, std::string(64, 'x')}}; h.fileSize = 140; }},
    };
    for (const auto& one : cases) {
        CAPTURE(one.problem);
        CHECK_THAT(problemOf(spoilt(one.spoil)), Catch::Contains(one.problem));
    }
}

TEST_CASE("A4: extensions end where the backing file's name begins, so that the name cannot pose as one")
{
    Qcow2Bytes bytes;
    bytes.endExtensions = false;
    bytes.backing = std::string("\xe2\x79\x2a\xca\0\0\0\3raw\0\0\0\0\0", 16);
    const auto header = parse(bytes.str());
    CHECK(!header.backingFormat);
    CHECK(header.backingName == bytes.backing);
}

TEST_CASE("A4: a header cut anywhere is refused or read, never overrun")
{
    Qcow2Bytes bytes;
    bytes.extensions = {{Qcow2Bytes::backingFormat, "raw"}};
    bytes.backing = "base.img";
    const auto whole = bytes.str();
    for (std::size_t size = 0; size < 200; ++size) {
        const auto problem = problemOf(std::string(whole.data(), size));
        CHECK(problem.empty() == (size >= 104 + 16 + 8 + 8));
    }
}
