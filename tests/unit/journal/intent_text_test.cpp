#include "journal/intent_text.h"
#include "unit/journal/journal_fixture.h"

using namespace hotplug;
using namespace std::string_literals;

namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to)
{
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

void mustComeBack(const Intent& intent)
{
    CHECK(parseIntent(intentText(intent)) == intent);
    CHECK(intentText(parseIntent(intentText(intent))) == intentText(intent));
}

} // namespace

TEST_CASE("Invariant 3: every field of a plan comes back byte for byte")
{
    Plan plan = test::diskPlan();
    mustComeBack({{plan}, {}});
    plan.address = DriveAddress{1, 2, 255, 16383};
    mustComeBack({{plan, test::diskPlan()}, {}});
    plan.goal = Goal::Unplug;
    plan.kind = DeviceKind::Nic;
    plan.record->kind = DeviceKind::Nic;
    plan.record->mac = "52:54:00:aa:bb:cc";
    plan.record->plugged = true;
    plan.record->persist = false;
    plan.persist = false;
    mustComeBack({{plan}, GivenUp{Reason::SourceInUse, "it is \"locked\"", "/1"}});
    mustComeBack({{Plan{}}, {}});
}

TEST_CASE("Invariant 3: strings that JSON or UTF-8 make hard come back byte for byte")
{
    Plan plan;
    for (const auto& text : {"\0"s, "a\0b"s, "\x1f\x7f"s, "\"\\/\b\f\n\r\t"s, "\xe2\x82\xac\xf0\x9f\x92\xbe"s,
             "\xff\xfe\xc3"s, "</script>\xe2\x80\xa8"s, std::string(100'000, 'x')}) {
        plan.deviceXml = plan.configTwin = plan.target = text;
        plan.alias = Alias(text);
        mustComeBack({{plan}, GivenUp{Reason::Internal, text, text}});
    }
}

TEST_CASE("Invariant 3: a text that intentText() would not write is refused, not guessed at")
{
    const auto text = intentText({{test::diskPlan()}, GivenUp{Reason::SourceInUse, "", "/1"}});
    const std::string broken[] = {"", "null", "[]", "{}", text + "x", text.substr(0, text.size() - 1),
        std::string(5000, '['), replaced(text, "\"persist\":true", "\"persist\":1"),
        replaced(text, "\"target\":\"vdb\"", "\"target\":null"), replaced(text, "\"target\":", "\"aim\":"),
        replaced(text, "\"target\":\"vdb\"", "\"target\":\"vdb\",\"more\":1"),
        replaced(text, "\"target\":\"vdb\"", "\"target\":\"vdb\",\"target\":\"vdc\""),
        replaced(text, "\"goal\":\"plug\"", "\"goal\":\"plough\""), replaced(text, "\"bus\":5", "\"bus\":-5"),
        replaced(text, "\"bus\":5", "\"bus\":5.5"), replaced(text, "\"bus\":5", "\"bus\":4294967296"),
        replaced(text, "\"type\":\"pci\"", "\"type\":\"usb\""),
        replaced(text, "\"device\":\"disk-1\"", "\"device\":\"\""),
        replaced(text, "\"device\":\"disk-1\"", "\"device\":7"), replaced(text, "\"vm\":\"", "\"vm\":\"x"),
        replaced(text, "\"id\":\"disk-1\"", "\"id\":\"a b\""),
        replaced(text, "\"plans\":[", "\"plans\":[[],"), replaced(text, "SOURCE_IN_USE", "SO_WHAT"),
        R"({"plans":[],"givenUp":null})"};
    for (const auto& one : broken) {
        CAPTURE(one);
        CHECK_THROWS_AS(parseIntent(one), JournalError);
    }
}
