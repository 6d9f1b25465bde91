#include "hotplugctl/address_text.h"
#include "hotplugctl/format/json_text.h"
#include "hotplugctl/format/printable.h"
#include "hotplugctl/progress.h"
#include "support/catch.h"
#include "unit/hotplugctl/fixture.h"

#include <sstream>

using namespace hotplug::ctl;
using namespace hotplug::ctl::test;
using Catch::Matchers::Contains;

TEST_CASE("W: printable keeps text and replaces what a terminal would obey")
{
    const std::pair<std::string, std::string> cases[] = {
        {"web-1 ä 日本 😀", "web-1 ä 日本 😀"},
        {"a\x1b[31m", "a?[31m"},
        {std::string("a\0b", 3), "a?b"},
        {"\t\n\r\x7f", "????"},
        {"\xc2\x9b", "?"},                      // C1: CSI
        {"\xe2\x80\xae", "?"},                  // right-to-left override
        {"\xe2\x80\x8b", "?"},                  // zero width space
        {"\xff\xc3", "??"},                     // no UTF-8, cut short
        {"\xc0\x9b", "??"},                     // an overlong escape
        {"\xed\xa0\x80", "?"},                  // a surrogate
        {"\xf4\x90\x80\x80", "?"},              // beyond Unicode
    };
    for (const auto& [given, expected] : cases)
        CHECK(printable(given) == expected);
    CHECK(printableLines("a\n\tb\r\x1b") == "a\n\tb??");
}

TEST_CASE("W: wide and combining characters are counted as terminals draw them")
{
    CHECK(displayWidth("abc") == 3);
    CHECK(displayWidth("ä") == 1);
    CHECK(displayWidth("日本") == 4);
    CHECK(displayWidth("e\xcc\x81") == 1);
}

TEST_CASE("A5: addresses are written as lspci does, or as controller, bus, target and unit")
{
    CHECK(addressFromText("0000:05:00.0") == json("{'type': 'pci', 'domain': '0x0000', 'bus': '0x05', 'slot': '0x00', 'function': '0x0'}"));
    CHECK(addressFromText("1f:1c.7") == json("{'type': 'pci', 'domain': '0x0000', 'bus': '0x1f', 'slot': '0x1c', 'function': '0x7'}"));
    CHECK(addressFromText("0:1:2:30") == json("{'type': 'drive', 'controller': '0', 'bus': '1', 'target': '2', 'unit': '30'}"));
    for (const char* text : {"", ".", ":", "05", "5.0.0", "0:0:5:0.0", "0:0:0.0:0", "0:0:0", "0:0:0:0:0", "a:0:0:0", "0:0:0:-1",
                             "gg:00.0", "0000:05:00.", "05.00:0", " 05:00.0", "123456789:00.0"}) {
        INFO(text);
        CHECK_FALSE(addressFromText(text));
    }
}

TEST_CASE("A5: an address from the daemon is shown in the same words")
{
    for (const char* text : {"0000:05:1f.7", "0:0:0:3"})
        CHECK(addressText(*addressFromText(text)) == text);
    CHECK(addressText(json("{'type': 'pci', 'domain': 0, 'bus': 31, 'slot': 1, 'function': 0}")) == "0000:1f:01.0");
    CHECK(addressText(Json::Value()) == "");
    CHECK(addressText(json("{'type': 'usb', 'bus': '0'}")) == R"({"bus":"0","type":"usb"})");
}

TEST_CASE("W: JSON is read strictly")
{
    std::string problem;
    for (const char* text : {"", "{", "3", "{'a':1}", "{\"a\":1,}", "{\"a\":1}x", "{\"a\":1,\"a\":2}", "{\"a\":NaN}", "// c\n{}"}) {
        INFO(text);
        CHECK_FALSE(parseJson(text, problem));
    }
    CHECK_FALSE(parseJson(std::string(100'000, '['), problem));
    CHECK(problem.find('\n') == problem.npos);
    CHECK(parseJson("{\"a\": [1]}", problem));
}

TEST_CASE("W: progress is silent while it is short, and without a terminal")
{
    std::ostringstream out;
    { const Progress progress(out, true, "waiting"); }
    CHECK(out.str() == "");
}
