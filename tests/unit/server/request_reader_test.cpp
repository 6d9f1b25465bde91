#include "server/request_reader.h"

#include "support/catch.h"
#include "unit/server/client.h"

#include <algorithm>
#include <string>

using namespace hotplug::server;
using Stage = RequestReader::Stage;
using test::get;
using test::post;

namespace {

/// Feeds at most `piece` bytes at a time; stops when the reader wants no more. Returns what is left.
std::string_view feed(RequestReader& reader, std::string_view bytes, std::size_t piece)
{
    while (!bytes.empty() && reader.stage() != Stage::Complete && reader.stage() != Stage::Refused) {
        const auto space = reader.space();
        const auto count = std::min({piece, bytes.size(), space.size()});
        REQUIRE(count > 0);
        std::copy_n(bytes.begin(), count, space.begin());
        reader.received(count);
        bytes.remove_prefix(count);
    }
    return bytes;
}

std::string chunked(const std::string& chunks)
{
    return "POST /rpc HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks;
}

constexpr std::size_t atOnce = 1U << 20;

} // namespace

TEST_CASE("R7: a request is the same whether it comes at once or byte by byte")
{
    const auto piece = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}, atOnce);
    struct Case {
        std::string bytes, method, target, type, body;
    };
    const auto& [bytes, method, target, type, body] = GENERATE(values<Case>({
        {get("/api/vms"), "GET", "/api/vms", "", ""},
        {"HEAD / HTTP/1.0\r\n\r\n", "HEAD", "/", "", ""},
        {post("/rpc", "hello", "Content-Type: application/json\r\n"), "POST", "/rpc", "application/json", "hello"},
        {post("/rpc", ""), "POST", "/rpc", "", ""},
        {chunked("0\r\n\r\n"), "POST", "/rpc", "", ""},
        {chunked("5\r\nhello\r\n0\r\n\r\n"), "POST", "/rpc", "", "hello"},
        {chunked("1;a=b\r\nh\r\n4\r\nello\r\n0\r\nTrailer: x\r\n\r\n"), "POST", "/rpc", "", "hello"},
    }));
    CAPTURE(bytes, piece);
    const Limits limits;
    RequestReader reader(limits);

    REQUIRE(feed(reader, bytes, piece).empty());

    REQUIRE(reader.stage() == Stage::Complete);
    const auto request = reader.take();
    CHECK(request.method == method);
    CHECK(request.target == target);
    CHECK(request.contentType == type);
    CHECK(request.body == body);
}

TEST_CASE("R7: what is no HTTP request is refused with a status that says why")
{
    const auto piece = GENERATE(std::size_t{1}, atOnce);
    struct Case {
        std::string bytes;
        unsigned status;
    };
    const auto& [bytes, status] = GENERATE(values<Case>({
        {"nonsense\r\n\r\n", 400},
        {"\x16\x03\x01\x02 TLS?", 400},
        {"GET / HTTP/2.0\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", 501},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 501},
        {chunked("xyz\r\n\r\n"), 400},
        {chunked("5\r\nhelloXX\r\n"), 400},
        {chunked("1" + std::string(64 * 1024, '0') + "\r\n"), 400},
        {chunked("0;" + std::string(64 * 1024, 'x')), 400},
        {chunked("0\r\nTrailer: " + std::string(64 * 1024, 'x')), 400},
    }));
    CAPTURE(bytes.substr(0, 200), piece);
    const Limits limits;
    RequestReader reader(limits);

    feed(reader, bytes, piece);

    REQUIRE(reader.stage() == Stage::Refused);
    CHECK(reader.refusal().status == status);
}

TEST_CASE("R7: header and body are taken up to their limits and not one byte further")
{
    const auto piece = GENERATE(std::size_t{1}, atOnce);
    Limits limits;
    limits.maxHeader = 200;
    limits.maxBody = 10;
    const std::string header = "POST / HTTP/1.1\r\nContent-Length: 10\r\n";
    const auto padded = [&](std::size_t total) {
        return header + "X: " + std::string(total - header.size() - 7, 'x') + "\r\n\r\n";
    };
    struct Case {
        std::string bytes;
        unsigned refusal;
    };
    const std::vector<Case> cases = {
        {padded(200) + "0123456789", 0},
        {padded(201), 431},
        {"GET /" + std::string(300, 'x'), 431},
        {"POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n", 413},
        {chunked("a\r\n0123456789\r\n0\r\n\r\n"), 0},
        {chunked("b\r\n0123456789"), 413},
        {chunked("5\r\n01234\r\n6\r\n"), 413},
        {chunked("ffffffffffffffff\r\n"), 413},
    };
    for (const auto& each : cases) {
        CAPTURE(each.bytes, piece);
        RequestReader reader(limits);
        feed(reader, each.bytes, piece);
        CHECK(reader.stage() == (each.refusal ? Stage::Refused : Stage::Complete));
        CHECK(reader.refusal().status == (each.refusal ? each.refusal : Reply{}.status));
    }
}

TEST_CASE("R7: a header that comes field by field is limited as a whole")
{
    const Limits limits;
    RequestReader reader(limits);
    feed(reader, "GET / HTTP/1.1\r\n", atOnce);
    const std::string field = "X-Field: " + std::string(100, 'x') + "\r\n";

    for (std::size_t sent = 0; sent < 2 * limits.maxHeader && reader.stage() == Stage::Header; sent += field.size())
        feed(reader, field, atOnce);

    REQUIRE(reader.stage() == Stage::Refused);
    CHECK(reader.refusal().status == 431);
}

TEST_CASE("R7: pipelined requests are read one after another")
{
    const auto piece = GENERATE(std::size_t{1}, atOnce);
    const Limits limits;
    RequestReader reader(limits);
    const std::string all = post("/1", "one") + chunked("3\r\ntwo\r\n0\r\n\r\n") + get("/3") + "GET /4";
    std::string_view bytes = all;
    std::string targets;
    for (int i = 0; i < 3; ++i) {
        bytes = feed(reader, bytes, piece);
        REQUIRE(reader.stage() == Stage::Complete);
        const auto request = reader.take();
        targets += request.target + "=" + request.body + " ";
        reader.next();
    }
    CHECK(targets == "/1=one /rpc=two /3= ");

    feed(reader, bytes, piece);
    CHECK(reader.stage() == Stage::Header);
    reader.ended();
    CHECK(reader.stage() == Stage::Refused);
    CHECK(reader.refusal().status == 400);
}

TEST_CASE("R1: only a client that has sent nothing of its body is told to continue")
{
    const std::string expecting = "POST / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\n";
    const Limits limits;
    RequestReader waiting(limits), sending(limits), old(limits);

    feed(waiting, expecting, atOnce);
    feed(sending, expecting + "x", atOnce);
    feed(old, "POST / HTTP/1.0\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n", atOnce);

    CHECK(waiting.wantsContinue());
    CHECK_FALSE(sending.wantsContinue());
    CHECK_FALSE(old.wantsContinue());
}

TEST_CASE("R1: HTTP/1.1 keeps the connection unless told otherwise, HTTP/1.0 only when asked")
{
    struct Case {
        std::string bytes;
        bool keepAlive;
    };
    const auto& [bytes, keepAlive] = GENERATE(values<Case>({
        {"GET / HTTP/1.1\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", false},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
    }));
    CAPTURE(bytes);
    const Limits limits;
    RequestReader reader(limits);
    feed(reader, bytes, atOnce);
    REQUIRE(reader.stage() == Stage::Complete);
    CHECK(reader.keepAlive() == keepAlive);
}
